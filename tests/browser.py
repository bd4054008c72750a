"""A real Chromium for tests that look at the chat page.

    from tests.browser import browser, open_page

in a test file gives its tests the fixtures `browser` and `open_page`. A page that logs
an error, breaks its content policy or asks anything of another computer fails its test.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright, expect

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE = (1280, 800)
PHONE = (360, 740)
#: Long: nothing waits for it but a test that fails, or a computer with too much to do.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., Awaitable[Page]]


def find_chromium() -> str:
    """The browser's path; skips the test without one, fails it where CI is set."""
    for name in CHROMIUMS:
        found = shutil.which(name)
        if found:
            return found
    if os.environ.get("CI"):
        pytest.fail("CI must have a Chromium.")
    pytest.skip("No Chromium on this computer.")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A running browser."""
    path = find_chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield running
        finally:
            await running.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """`await open_page(url, size=PHONE, color_scheme="dark", …)`; watched for trouble.

    `offline_noise=True` forgives failed requests, for tests that stop the server.
    """
    trouble: list[str] = []

    async def open_one(
        url: str,
        *,
        size: tuple[int, int] = WIDE,
        offline_noise: bool = False,
        **options: Any,
    ) -> Page:
        viewport: Any = {"width": size[0], "height": size[1]}
        context = await browser.new_context(viewport=viewport, **options)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        own = urlsplit(url).netloc

        def asked(request: Request) -> None:
            parts = urlsplit(request.url)
            if parts.scheme in ("http", "https", "ws") and parts.netloc != own:
                trouble.append(f"asked {request.url}")

        page.on("request", asked)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        if not offline_noise:
            page.on(
                "console",
                lambda line: (
                    trouble.append(line.text) if line.type == "error" else None
                ),
            )
        await page.goto(url)
        return page

    yield open_one
    assert trouble == []
