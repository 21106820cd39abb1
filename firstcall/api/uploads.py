"""Files on their way in: streamed to disk, of any size, in pieces where a connection may break."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import pydantic
from ninja import Query, Router, Schema, Status
from pydantic import Field

from firstcall.access.errors import ForbiddenError
from firstcall.access.rights import Verb
from firstcall.api.authority import Request, needs
from firstcall.api.bytes_in import FILE, pieces_of
from firstcall.api.problems import Refused, missing
from firstcall.records.importing.starting import CHUNK, Upload, UploadError, begin_upload, find_upload

router = Router(tags=["Imports"])


class UploadOut(Schema):
    """`size` is how many bytes have come so far."""

    id: str
    name: str
    size: int


class NewUpload(Schema):
    name: str = Field(
        min_length=1, max_length=255, description="The file's name; its ending may tell the format."
    )


@router.post("/uploads", auth=needs("records:write"), response={201: UploadOut})
def begin(request: Request, asked: Query[NewUpload]) -> Status[UploadOut]:
    """Begin a file; send its bytes with PUT. It is kept for seven days. For those who may import into some module."""
    if not request.auth.viewer.may_somewhere(Verb.IMPORT):
        raise ForbiddenError("This needs the right to import, which this caller does not have.")
    return Status(201, _out(begin_upload(asked.name, by=request.auth.user)))


@router.put("/uploads/{id}", auth=needs("records:write"), response=UploadOut, openapi_extra=FILE)
def append(
    request: Request, id: str, offset: Annotated[int, pydantic.Field(ge=0, lt=2**62)] = 0
) -> UploadOut:
    """Add bytes that begin at `offset`: 0 for a whole file, else the size so far. After a break GET says how much came."""
    upload = _find(request, id)
    if request.headers.get("Content-Length", "0") == "0" and "Transfer-Encoding" not in request.headers:
        raise Refused(
            HTTPStatus.BAD_REQUEST, "malformed", "The request has no body. Send the bytes of the file."
        )
    try:
        upload.append(pieces_of(request, CHUNK), offset=offset)
    except UploadError as error:
        raise Refused(HTTPStatus.CONFLICT, "wrong-offset", str(error)) from None
    except OSError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed", f"The request broke off: {error}.") from None
    return _out(upload)


@router.get("/uploads/{id}", auth=needs("records:write"), response=UploadOut)
def read(request: Request, id: str) -> UploadOut:
    return _out(_find(request, id))


def _find(request: Request, id: str) -> Upload:
    upload = find_upload(id, by=request.auth.user)
    if upload is None:
        raise missing("upload")
    return upload


def _out(upload: Upload) -> UploadOut:
    return UploadOut(id=upload.id, name=upload.path.name, size=upload.size)
