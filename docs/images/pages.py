"""Takes the pictures of the pages in docs/images/pages/: starts the product with its made-up company, signs in, and looks.

usage: make screenshots   (some minutes; it needs Chromium)
"""

from __future__ import annotations

import base64
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent / "pages"
CHROMIUM = Path("/usr/bin/chromium")
DATA = HERE.parents[2] / "build" / "screenshots"
ADMIN = "admin@example.com"
PATIENCE = 300  # seconds
MOST = 150_000  # bytes of a picture
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 780}


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@contextmanager
def product() -> Iterator[tuple[str, str]]:
    """Its address, and the administrator's password."""
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    url = f"http://127.0.0.1:{(port := free_port())}"
    log = DATA / "log"
    with log.open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "firstcall", "up", "--demo", "--data", f"{DATA}/data", "--port", f"{port}"],
            stdout=out, stderr=out,
        )  # fmt: skip
        try:
            wait(lambda: running.poll() is not None or "job 1 ends: done" in log.read_text())
            assert httpx.get(f"{url}/readyz", timeout=PATIENCE).is_success, log.read_text()
            found = re.search(r"with the password (\S+),", log.read_text())
            assert found, log.read_text()
            yield url, found[1]
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(timeout=60)
            shutil.rmtree(DATA, ignore_errors=True)


def wait(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(1)


def sign_in(page: Page, url: str, password: str) -> None:
    page.goto(f"{url}/sign-in")
    page.fill("input[type=email]", ADMIN)
    page.fill("input[type=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/")


def take(page: Page, name: str) -> None:
    """As WebP, which Playwright itself does not write."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    page.evaluate("document.activeElement?.blur()")
    shot = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "webp", "quality": 82, "captureBeyondViewport": False}
    )
    content = base64.b64decode(shot["data"])
    assert len(content) < MOST, f"{name} has {len(content)} bytes"
    (HERE / f"{name}.webp").write_bytes(content)
    print(f"{name}.webp: {len(content) // 1000} kB")


def look(
    page: Page,
    url: str,
    wanted: Mapping[str, str],
    *,
    size: dict[str, int] = DESK,
    theme: Literal["light", "dark"] = "light",
) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    for name, path in wanted.items():
        page.goto(url + path)
        take(page, name)


def main() -> None:
    HERE.mkdir(exist_ok=True)
    with product() as (url, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(locale="en-GB", timezone_id="Europe/Berlin").new_page()
        page.set_default_timeout(PATIENCE * 1000)
        sign_in(page, url, password)
        hottest = page.locator('.hot a[href^="/records/leads/"]').first.get_attribute("href") or "/"
        rule = "/rules/1/"
        look(
            page,
            url,
            {
                "today": "/",
                "list": "/records/leads",
                "record": hottest,
                "rules": "/rules/",
                "rule": rule,
                "builder": f"{rule}edit",
                "import": "/import/",
                "set-up": "/set-up/",
            },
        )
        look(page, url, {"record-dark": hottest}, theme="dark")
        look(page, url, {"today-phone": "/", "rule-phone": rule}, size=PHONE)
        browser.close()


if __name__ == "__main__":
    main()
