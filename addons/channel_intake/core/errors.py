"""What can go wrong between us and a platform, as types a caller can act on.

No error text holds a secret, an address with its query, or a receiver's data: texts are shown
to people and written to logs.
"""

import re

_LONG_NUMBER = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_MAX_TEXT = 300


def safe_text(text: object) -> str:
    """A platform's words, one line, cut to size, with mobile numbers masked."""
    flat = " ".join(str(text or "").split())
    return _LONG_NUMBER.sub(r"\1****\2", flat)[:_MAX_TEXT]


class PlatformError(Exception):
    """Something between us and the platform went wrong; ``text`` may be shown to a person."""

    def __init__(self, text: str = "") -> None:
        self.text = safe_text(text)
        super().__init__(self.text)


class Throttled(PlatformError):
    """The platform asks us to slow down; ``retry_after`` in seconds, 0 when it does not say."""

    def __init__(self, text: str = "", retry_after: float = 0.0) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class Refused(PlatformError):
    """The platform understood and said no. ``permanent``: the same call will never succeed."""

    def __init__(
        self, text: str = "", *, permanent: bool = True, code: str = "", sub_code: str = ""
    ) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.code = code
        self.sub_code = sub_code


class RefundPending(Refused):
    """A shipment was refused because the buyer asks for a refund that nobody has answered."""


class Overtaken(Refused):
    """What we answered was changed or decided on the platform meanwhile: look at it anew."""


class Unreachable(PlatformError):
    """No usable answer: network, time-out, or the platform's own failure. Try later."""


class BadAnswer(PlatformError):
    """An answer that is not what was agreed: not JSON, too large, unsorted, without data."""


class Malformed(ValueError):
    """One message that cannot become an order or an after-sale; the text says why."""
