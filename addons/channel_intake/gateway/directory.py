"""Who may push: the shops that Odoo shows, with the secrets of this process's environment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A row of the view channel_gateway_shop."""

    shop_id: int
    platform: str
    shop_ref: str
    credential_ref: str


@dataclass(slots=True)
class App:
    """A platform's app and the shops it pushes for; more than one secret while one is replaced."""

    app_key: str
    name: str
    secrets: list[str] = field(default_factory=list)
    shops: dict[str, int] = field(default_factory=dict)

    def shop(self, shop_ref: str) -> int | None:
        """The shop of an event; one that names none belongs to the app's only shop."""
        if not shop_ref and len(self.shops) == 1:
            return next(iter(self.shops.values()))
        return self.shops.get(shop_ref)


@dataclass(frozen=True, slots=True)
class Directory:
    """Apps by (platform, app key), and the names of credentials the environment lacks."""

    apps: Mapping[tuple[str, str], App]
    missing: tuple[str, ...] = ()


def setting(credential_ref: str, part: str) -> str:
    """The environment variable of a part of the credentials, as models/shop.py names it."""
    return f"QUDAO_SHOP_{credential_ref.upper()}_{part}"


def build(rows: Iterable[ShopRow], environ: Mapping[str, str]) -> Directory:
    """Shops by the app that pushes for them. Shops without secrets here are left out."""
    apps: dict[tuple[str, str], App] = {}
    missing = set()
    for row in rows:
        key = environ.get(setting(row.credential_ref, "APP_KEY"), "")
        secret = environ.get(setting(row.credential_ref, "APP_SECRET"), "")
        if not key or not secret:
            missing.add(row.credential_ref)
            continue
        app = apps.setdefault((row.platform, key), App(key, row.credential_ref))
        if secret not in app.secrets:
            app.secrets.append(secret)
        app.shops[row.shop_ref] = row.shop_id
    return Directory(apps, tuple(sorted(missing)))
