"""Get everything a command needs, whichever command comes first."""

from __future__ import annotations

from . import odoo_source, pyenv
from .odoo_run import Toolchain
from .paths import cache_root, check_disk, ensure_dir
from .system import ensure_packages, service_user


def ensure_toolchain(*, for_tests: bool = True) -> Toolchain:
    """System packages, Odoo and its Python environment; quick when they are there."""
    check_disk(ensure_dir(cache_root()))
    ensure_packages(for_tests=for_tests)
    service_user()
    source = odoo_source.find()
    return Toolchain.of(source, pyenv.odoo_environment(source))
