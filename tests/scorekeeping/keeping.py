"""A keeper as a process of its own: `python -m tests.scorekeeping.keeping`, with DATABASE_URL; ends on SIGTERM."""

import os
import signal
import threading
from datetime import UTC, datetime


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "firstcall.settings"
    import django

    django.setup()
    from firstcall.scorekeeping.work import work

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    work(now=lambda: datetime.now(UTC), stop=stop)


if __name__ == "__main__":
    main()
