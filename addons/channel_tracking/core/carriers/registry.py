"""Which carrier services there are. A new one is a module beside this and a line here."""

from collections.abc import Callable

from .base import CarrierService
from .kuaidi100 import Account, Kuaidi100

SERVICES: dict[str, Callable[[str, str, str], CarrierService]] = {
    "kuaidi100": lambda customer, key, base_url: Kuaidi100(Account(customer, key), base_url),
}
