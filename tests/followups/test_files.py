"""Files over HTTP: attached whole or not at all, told by their bytes, handed out as downloads, by who sees the record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from firstcall.access.viewer import Viewer
from firstcall.followups.files import LARGEST, MOST_FILES, PIECE, attach_file, content_of
from firstcall.followups.models import AttachedFile, FilePiece
from firstcall.moments import now
from firstcall.records.actions import erase_records
from firstcall.records.models import Record
from tests.followups.conftest import Company

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 " + bytes(range(256)) * 3_000


def token(person: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.api.secret}"}  # type: ignore[attr-defined]


def attach(company: Company, name: str = "offer.pdf", content: bytes = PDF) -> dict[str, object]:
    answer = Client().post(
        f"/api/v1/records/{company.bobs}/files?name={name}",
        content,
        content_type="application/octet-stream",
        headers=token(company.people.bob),
    )
    return {"status": answer.status_code, **answer.json()}


def test_a_file_comes_back_as_it_went(company: Company) -> None:
    made = attach(company, "..%2F..%2Foffer%22.pdf")
    assert (made["status"], made["name"], made["size"]) == (201, "offer.pdf", len(PDF))
    assert made["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert FilePiece.objects.count() > 1
    answer = Client().get(f"/api/v1/files/{made['id']}/content", headers=token(company.people.bob))
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="offer.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/pdf"
    listed = company.people.bob.api.get(f"/records/{company.bobs}/files").body["items"]
    assert [one["id"] for one in listed] == [made["id"]]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("page.html", b"<html><script>alert(1)</script>", "text/plain"),
        ("picture.svg", b"<svg onload='alert(1)'/>", "text/plain"),
        ("picture.png", b"GIF89a", "image/gif"),
        ("rows.csv", "a,ü\n".encode(), "text/csv"),
        ("x", b"\0\1\2", "application/octet-stream"),
    ],
)
def test_what_it_is_its_bytes_tell(company: Company, name: str, content: bytes, kind: str) -> None:
    assert attach(company, name, content)["content_type"] == kind


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("big", b"x" * (LARGEST + 1), "is larger than 20 MB."),
        ("empty", b"", "is empty."),
        ("..", b"x", "is missing."),
    ],
)
def test_what_cannot_be_kept_leaves_nothing(company: Company, name: str, content: bytes, says: str) -> None:
    answer = attach(company, name, content)
    assert answer["status"] == 422
    assert answer["faults"][0]["says"] == says  # type: ignore[index]
    assert not AttachedFile.objects.exists()
    assert not FilePiece.objects.exists()


def test_a_record_has_only_so_many(company: Company) -> None:
    AttachedFile.objects.bulk_create(
        AttachedFile(record_id=company.bobs, name="x", content_type="x", size=1, sha256="", created_at=now())
        for _ in range(MOST_FILES)
    )
    assert attach(company)["status"] == 422


def test_while_its_bytes_come_the_record_is_free(company: Company) -> None:
    """Whoever sends slowly holds up nobody who scores or changes the record."""
    asked = CaptureQueriesContext(connection)
    asked_before = []

    def slowly() -> Iterator[bytes]:
        for piece in (b"some", b" bytes" * PIECE):
            asked_before.append(len(asked))
            yield piece

    record, viewer = Record.objects.get(pk=company.bobs), Viewer(user=company.people.bob.user.pk)
    with asked:
        made = attach_file(record, "x.txt", slowly(), viewer=viewer, at=now())
    assert asked_before == [0, 0]
    assert any("FOR NO KEY UPDATE" in query["sql"] for query in asked)
    assert b"".join(content_of(made)) == b"some" + b" bytes" * PIECE


def test_who_may_read_and_delete_it(company: Company) -> None:
    made = attach(company)
    path = f"/files/{made['id']}"
    for who in (company.people.eve, company.people.charlie):
        for asked in (path, f"{path}/content", f"/records/{company.bobs}/files"):
            assert who.api.get(asked).status == 404
        assert who.api.delete(path).status == 404
    assert company.rita.api.get(path).status == 200
    assert company.rita.api.delete(path).status == 403
    assert company.people.bob.api.delete(path).status == 204
    assert not FilePiece.objects.exists()


def test_with_its_record_it_is_erased(company: Company) -> None:
    attach(company)
    erase_records([company.bobs], at=now())
    assert not Record.objects.filter(pk=company.bobs).exists()
    assert not FilePiece.objects.exists()
