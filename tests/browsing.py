"""A real Chromium, driven by Playwright: fixtures for browser scenarios.

``page(login, lang)`` gives a signed-in page. A scenario fails when the page threw an uncaught
JavaScript error; its last screenshot is then among the artefacts.
"""

from __future__ import annotations

import json
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, TimeoutError, sync_playwright

FLAGS = [
    "--no-sandbox",  # only pages of our own server are opened
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {
    "desktop": {"width": 1440, "height": 900},
    "tablet": {"width": 1024, "height": 768},
    "phone": {"width": 390, "height": 844},
}
PATIENCE = 30_000  # ms; the first page of a new database builds its assets


@pytest.fixture(scope="session")
def browser():
    """The distribution's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    binary = next(filter(None, map(shutil.which, names)), None)
    assert binary, "Chromium is missing: install the package 'chromium'"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Desk:
    """Opens signed-in pages of one server and keeps an eye on them."""

    browser: object
    server: object
    artefacts: object
    pages: list[Page] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __call__(
        self, login: str = "admin", lang: str = "en_US", *,
        password: str | None = None, size: str = "desktop",
    ) -> Page:  # fmt: skip
        """A page of this user, in this language, signed in."""
        context = self.browser.new_context(
            base_url=self.server.url, viewport=SIZES[size], locale=lang.replace("_", "-"),
            timezone_id="Asia/Shanghai",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(4 * PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        self.pages.append(page)
        self._sign_in(page, login, password or self._password(login), lang)
        return page

    def _sign_in(self, page: Page, login: str, password: str, lang: str) -> None:
        page.goto("/web/login")
        token = page.input_value("form.oe_login_form input[name=csrf_token]")
        form = {"login": login, "password": password, "csrf_token": token}
        reply = page.request.post("/web/login", form=form, max_redirects=0)
        assert reply.status == 303, f"{login} could not sign in ({reply.status})"
        user = self._rpc(page, "/web/session/get_session_info", {})
        self._rpc(
            page, "/web/dataset/call_kw/res.users/write",
            {"model": "res.users", "method": "write",
             "args": [[user["uid"]], {"lang": lang}], "kwargs": {}},
        )  # fmt: skip

    def _rpc(self, page: Page, path: str, params: dict):
        reply = page.request.post(path, data={"jsonrpc": "2.0", "params": params}).json()
        assert "error" not in reply, reply.get("error")
        return reply["result"]

    def _password(self, login: str) -> str:
        known = self.server.database.home / "logins.json"
        rows = json.loads(known.read_text()) if known.exists() else []
        return next((row[2] for row in rows if row[1] == login), login)

    def shot(self, page: Page, name: str, *, full: bool = False) -> None:
        """Keep a picture of the page among the artefacts, when nothing moves any more."""
        with suppress(TimeoutError):  # some screens never stop asking
            page.wait_for_load_state("networkidle", timeout=5_000)
        page.evaluate("document.fonts.ready")
        page.screenshot(path=self.artefacts / f"{name}.png", full_page=full, animations="disabled")


@pytest.fixture
def page(browser, odoo_server, artefacts, request):
    """``page(login, lang)`` → a signed-in page; ``page.shot(p, name)`` keeps a picture."""
    desk = Desk(browser, odoo_server, artefacts)
    yield desk
    if getattr(request.node, "call_failed", False):
        for number, opened in enumerate(desk.pages):
            name = re.sub(r"\W+", "_", request.node.name)
            opened.screenshot(path=artefacts / f"FAILED_{name}_{number}.png")
    for opened in desk.pages:
        opened.context.close()
    assert not desk.errors, "uncaught JavaScript errors:\n" + "\n".join(desk.errors)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.call_failed = outcome.get_result().failed
