"""How a file is read, where it was not found out rightly; and what a failed work says, without where its file lies."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from firstcall.jobs.models import Job
from firstcall.records.importing.staging import FileOptions
from firstcall.web.numbers import whole

SEPARATORS = ((",", _("comma")), (";", _("semicolon")), ("\t", _("tab")), ("|", _("bar")))
ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("cp1252", _("Windows, western (1252)")),
    ("cp1250", _("Windows, central European (1250)")),
    ("cp1251", _("Windows, Cyrillic (1251)")),
    ("latin-1", "ISO 8859-1"),
    ("utf-16", "UTF-16"),
    ("shift_jis", _("Japanese (Shift JIS)")),
    ("gb18030", _("Chinese (GB 18030)")),
    ("mac_roman", "Mac Roman"),
)


def file_options(given: QueryDict) -> FileOptions:
    """What a form says; what is left empty is found out."""
    separator, encoding, skip = given.get("separator", ""), given.get("encoding", ""), given.get("skip", "")
    names = [name.strip() for name in given.get("header", "").split(",") if name.strip()]
    return FileOptions(
        separator if separator in dict(SEPARATORS) else None,
        encoding if encoding in dict(ENCODINGS) else None,
        given.get("sheet", "")[:500] or None,
        tuple(name[:500] for name in names[:10_000]),
        whole(skip, digits=4),
    )


def told_message(job: Job) -> str:
    path = job.parameters.get("path", "")
    return (
        job.message.replace(f"{path}: ", "").replace(path, path.rpartition("/")[2]) if path else job.message
    )
