"""Files on records."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from firstcall.api.authority import Request, needs
from firstcall.api.bytes_in import FILE, pieces_of
from firstcall.api.exact import exactly
from firstcall.api.paging import Page, Paging, page
from firstcall.api.types import Id, Moment, told_moment
from firstcall.followups.files import PIECE, as_download, attach_file, delete_file, files_of, get_file
from firstcall.followups.models import AttachedFile
from firstcall.moments import now
from firstcall.records.seeing import get_any_record

router = Router(tags=["Files"])


class NewFile(Schema):
    name: str = Field(min_length=1, max_length=255)


class FileOut(Schema):
    """`content_type` is what its bytes tell; `sha256` in hexadecimal."""

    id: int
    record: int
    name: str
    content_type: str
    size: int
    sha256: str
    created_at: Moment
    created_by: int | None


@router.get("/records/{id}/files", auth=needs("records:read"), response=Page[FileOut])
def list_files(request: Request, id: Id, paging: Paging) -> HttpResponse:
    """The newest first."""
    found, following = page(files_of(get_any_record(request.auth.viewer, id)), paging, order=("-id",))
    return exactly({"items": [_told(one) for one in found], "next": following})


@router.post("/records/{id}/files", auth=needs("records:write"), response={201: FileOut}, openapi_extra=FILE)
def attach(request: Request, id: Id, asked: Query[NewFile]) -> HttpResponse:
    """The body is the file, 20 MB at most. For everybody who sees the record."""
    viewer = request.auth.viewer
    record = get_any_record(viewer, id)
    made = attach_file(record, asked.name, pieces_of(request, PIECE), viewer=viewer, at=now())
    return exactly(_told(made), status=201)


@router.get("/files/{id}", auth=needs("records:read"), response=FileOut)
def read(request: Request, id: Id) -> HttpResponse:
    return exactly(_told(get_file(request.auth.viewer, id)))


@router.get("/files/{id}/content", auth=needs("records:read"), response={200: None})
def download(request: Request, id: Id) -> StreamingHttpResponse:
    """Its bytes."""
    return as_download(get_file(request.auth.viewer, id))


@router.delete("/files/{id}", auth=needs("records:write"), response={204: None})
def delete(request: Request, id: Id) -> Status[None]:
    """By who attached it, and by those who may edit the module's records."""
    delete_file(get_file(request.auth.viewer, id), viewer=request.auth.viewer)
    return Status(204, None)


def _told(file: AttachedFile) -> dict[str, object]:
    return {
        "id": file.pk,
        "record": file.record_id,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
        "created_at": told_moment(file.created_at),
        "created_by": file.created_by_id,
    }
