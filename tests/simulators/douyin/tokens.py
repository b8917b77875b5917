"""/token/create and /token/refresh: access tokens of 7 days, refresh tokens of 14."""

import secrets

from .books import Books
from .clock import Clock
from .errors import RefusalError

ACCESS_SECONDS = 7 * 86400
REFRESH_SECONDS = 14 * 86400
REUSE_SECONDS = 3600  # a token with more than this left is handed out again


class Tokens:
    """The authorisation of the one shop."""

    def __init__(self, books: Books, clock: Clock, shop_id: int, shop_name: str):
        self._books = books
        self._clock = clock
        self._shop_id = shop_id
        self._shop_name = shop_name

    def create(self, params: dict) -> dict:
        """Authorise a self-used app for its shop."""
        if params.get("grant_type") != "authorization_self":
            raise RefusalError("grant_type")
        if str(params.get("shop_id") or "") != str(self._shop_id):
            raise RefusalError("no_authorization")
        with self._books.transaction():
            row = self._books.one(
                "SELECT * FROM tokens WHERE NOT replaced AND expires_at > ?"
                " ORDER BY expires_at DESC",
                (self._clock.now() + REUSE_SECONDS,),
            )
            return self._answer(row) if row else self._issue()

    def refresh(self, params: dict) -> dict:
        """Replace a pair of tokens; the old ones stop working at once."""
        if params.get("grant_type") != "refresh_token":
            raise RefusalError("grant_type")
        with self._books.transaction():
            row = self._books.one(
                "SELECT * FROM tokens WHERE refresh_token = ? AND NOT replaced",
                (str(params.get("refresh_token")),),
            )
            if row is None:
                raise RefusalError("refresh_unknown")
            if row["refresh_expires_at"] <= self._clock.now():
                raise RefusalError("refresh_expired")
            self._books.execute(
                "UPDATE tokens SET replaced = 1 WHERE access_token = ?", (row["access_token"],)
            )
            return self._issue()

    def check(self, access_token: str) -> None:
        """Let a call pass whose token is valid now."""
        if not access_token:
            raise RefusalError("token_missing")
        row = self._books.one(
            "SELECT expires_at FROM tokens WHERE access_token = ? AND NOT replaced",
            (access_token,),
        )
        if row is None:
            raise RefusalError("token_unknown")
        if row["expires_at"] <= self._clock.now():
            raise RefusalError("token_expired")

    def expire_all(self) -> None:
        """Let every access token run out now; refresh tokens stay good."""
        with self._books.transaction():
            self._books.execute("UPDATE tokens SET expires_at = ?", (self._clock.now(),))

    def _issue(self) -> dict:
        now = self._clock.now()
        record = {
            "access_token": secrets.token_hex(20),
            "refresh_token": secrets.token_hex(20),
            "expires_at": now + ACCESS_SECONDS,
            "refresh_expires_at": now + REFRESH_SECONDS,
        }
        self._books.insert("tokens", record)
        return self._answer(record)

    def _answer(self, row: dict) -> dict:
        return {
            "access_token": row["access_token"],
            "expires_in": row["expires_at"] - self._clock.now(),
            "refresh_token": row["refresh_token"],
            "scope": "SCOPE",
            "shop_id": str(self._shop_id),
            "shop_name": self._shop_name,
            "authority_id": str(self._shop_id),
            "auth_subject_type": "",
        }
