"""Running programs as a user other than root, for those that refuse to be root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

type User = pwd.struct_passwd | None  # None: this process's own

_NAME = "firstcall"


def find_unprivileged() -> User:
    """Whom to run programs as: where this process is root, a user made for it, else nobody."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(_NAME)
    with contextlib.suppress(OSError):
        command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", _NAME]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    try:
        return pwd.getpwnam(_NAME)
    except KeyError:
        return pwd.getpwnam("nobody")


def identity(user: User) -> tuple[int | None, int | None, list[int] | None]:
    """The arguments `user`, `group` and `extra_groups` of `subprocess`."""
    return (None, None, None) if user is None else (user.pw_uid, user.pw_gid, [])


def run_as(user: User, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run to the end, in a folder that every user can reach; exit code 126 where it cannot be run."""
    uid, gid, groups = identity(user)
    try:
        return subprocess.run(  # noqa: S603
            command,
            cwd="/",
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
            user=uid,
            group=gid,
            extra_groups=groups,
        )
    except PermissionError as error:
        return subprocess.CompletedProcess(command, 126, "", str(error))


@contextlib.contextmanager
def private_folder(prefix: str, user: User) -> Iterator[Path]:
    """A temporary folder of the user's; its path is short, as that of a socket must be."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        hand_over(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def hand_over(folder: Path, user: User) -> None:
    """Make the folder and all in it the user's."""
    if user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
