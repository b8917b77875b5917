"""The push gateway on a database of ours: its role, its command, its environment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .console import Problem
from .databases import Database
from .odoo_run import Toolchain
from .paths import ADDONS
from .system import as_user

ROLE = "qudao_gateway"
GATEWAY = ADDONS / "channel_intake" / "gateway"
_ROLE_SQL = """
DO $do$ BEGIN
    IF to_regrole('{role}') IS NULL THEN CREATE ROLE {role} LOGIN; END IF;
END $do$;
{password}
SELECT channel_gateway_grant('{role}');
"""


def make_role(database: Database, password: str = "") -> None:
    """Make the gateway's role when it is missing and give it its rights in this database."""
    setting = f"ALTER ROLE {ROLE} PASSWORD '{password}';" if password else ""
    done = subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.name, "-f", "-"],
        input=_ROLE_SQL.format(role=ROLE, password=setting), env={**os.environ, **database.environment},
        text=True, capture_output=True, check=False, cwd="/", **as_user(),
    )  # fmt: skip
    if done.returncode:
        raise Problem(
            f"the role {ROLE} of the push gateway could not be made:\n{done.stderr}"
            "The PostgreSQL role of Odoo must be allowed to create roles (CREATEROLE), or "
            "somebody else makes it: see addons/channel_intake/readme/USAGE.md."
        )


def command(toolchain: Toolchain, port: int, *options: str | Path) -> list[str | Path]:
    """How one gateway is started."""
    return [toolchain.python, GATEWAY, "--port", str(port), *options]


def environment(
    base: Mapping[str, str], database: Database, password: str = ""
) -> dict[str, str]:  # fmt: skip
    """The variables of a gateway: those of Odoo's processes, but its own role."""
    own = {"PGUSER": ROLE, "PGDATABASE": database.name}
    if password:
        own["PGPASSWORD"] = password
    return {**base, **database.environment, **own}
