"""A jobs process: `python -m tests.jobs.working SILENCE`, with DATABASE_URL; ends on SIGTERM."""

import os
import signal
import sys
import threading


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "firstcall.settings"
    import django

    django.setup()
    from firstcall.jobs.working import work_jobs
    from tests.jobs import counting

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    assert counting
    work_jobs(stop, silence=float(sys.argv[1]))


if __name__ == "__main__":
    main()
