"""A real Chromium, driven by Playwright: fixtures for browser scenarios.

``page(login, lang)`` gives a signed-in page. A scenario fails when the page threw an uncaught
JavaScript error; its last screenshot is then among the artefacts.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, sync_playwright

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
PATIENCE = 30_000  # ms
STILL = 0.3  # s without a request: the page has what it asked for
MOVING = 5  # s; some screens never stop asking


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
    sessions: dict[str, str] = field(default_factory=dict)  # session by log-in, while it lasts
    asking: dict[Page, set] = field(default_factory=dict)  # requests without an answer yet
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
        self._watch(page)
        self._sign_in(page, login, password or self._password(login), lang)
        return page

    def _watch(self, page: Page) -> None:
        """Know what the page waits for. Scripts of workers are never said to have come."""
        asking = self.asking[page] = set()
        page.on("request", lambda one: "worker" in one.url or asking.add(one))
        for end in ("requestfinished", "requestfailed"):
            page.on(end, lambda one: asking.discard(one))

    def _sign_in(self, page: Page, login: str, password: str, lang: str) -> None:
        """As this user, in this language; checking a password takes the server a second."""
        known = {"frontend_lang": lang}
        if login in self.sessions:
            known["session_id"] = self.sessions[login]
        page.context.add_cookies(
            [{"name": key, "value": value, "url": self.server.url} for key, value in known.items()]
        )
        if login not in self.sessions:
            self._log_in(page, login, password)
        user = self._rpc(page, "/web/session/get_session_info", {})
        if user["user_context"]["lang"] != lang:
            self._rpc(
                page, "/web/dataset/call_kw/res.users/write",
                {"model": "res.users", "method": "write",
                 "args": [[user["uid"]], {"lang": lang}], "kwargs": {}},
            )  # fmt: skip

    def _log_in(self, page: Page, login: str, password: str) -> None:
        form = page.request.get("/web/login").text()
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
        form = {"login": login, "password": password, "csrf_token": token}
        reply = page.request.post("/web/login", form=form, max_redirects=0)
        assert reply.status == 303, f"{login} could not sign in ({reply.status})"
        cookies = {each["name"]: each["value"] for each in page.context.cookies()}
        self.sessions[login] = cookies["session_id"]

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
        self.settle(page)
        page.evaluate("document.fonts.ready")
        page.screenshot(path=self.artefacts / f"{name}.png", full_page=full, animations="disabled")

    def settle(self, page: Page) -> None:
        """Wait until the page has asked for nothing for a moment."""
        end = time.monotonic() + MOVING
        since = None
        while (now := time.monotonic()) < end:
            since = None if self.asking[page] else since or now
            if since and now - since >= STILL:
                break
            page.wait_for_timeout(50)


@pytest.fixture(scope="module")
def sessions():
    """Who is signed in on the module's server."""
    return {}


@pytest.fixture
def page(browser, odoo_server, artefacts, sessions, request):
    """``page(login, lang)`` → a signed-in page; ``page.shot(p, name)`` keeps a picture."""
    desk = Desk(browser, odoo_server, artefacts, sessions)
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
