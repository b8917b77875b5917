"""Which addresses may be called with credentials."""

import ipaddress
from urllib.parse import urlsplit


def endpoint_error(url: str) -> str:
    """Why ``url`` must not be used as a platform's address; empty when it may.

    https anywhere, http only on this machine (a simulator); no user, query or fragment in it.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _port = parts.port
    except ValueError:
        return "not an address"
    if not host:
        return "not an address"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "must hold no user, password, query or fragment"
    if parts.scheme == "https":
        return ""
    if parts.scheme == "http" and is_loopback(host):
        return ""
    return "must begin with https:// (http:// only on this machine)"


def is_loopback(host: str) -> bool:
    """Whether ``host`` names this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
