"""The command line of the gateway."""

import argparse
import dataclasses
import logging
import os
import resource
import sys

from .service import serve
from .settings import Settings
from .supervisor import Supervisor

EPILOG = """\
PostgreSQL is found by libpq's variables (PGHOST, PGPORT, PGPASSWORD, PGPASSFILE, PGSSLMODE); the
role is PGUSER or qudao_gateway. The role is made once, by somebody who may:

    CREATE ROLE qudao_gateway LOGIN PASSWORD '…';           -- in the cluster
    SELECT channel_gateway_grant('qudao_gateway');          -- in the database, as Odoo's role

Secrets come from the environment only: QUDAO_SHOP_<NAME>_APP_KEY and …_APP_SECRET for every name
of credentials in Odoo's shops. Connect directly, not through a pooler: LISTEN needs a session.
"""
MOST_SOCKETS = 65_536


def main(arguments: list[str] | None = None) -> int:
    """Run the gateway. :return: 0, 1 when the port cannot be had, 3 for another schema version"""
    words = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(words)
    metrics_port = options.pop_metrics
    settings = Settings(**{f.name: getattr(options, f.name) for f in _given(options)})
    alone = settings.processes == 1
    name = "gateway" if alone or options.index is None else f"gateway[{options.index}]"
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format=f"%(asctime)s {os.getpid()} %(levelname)s {name} %(message)s",
    )
    _raise_limit(settings.max_connections)
    if not alone and options.index is None:
        return Supervisor(settings.processes, words).run()
    return serve(settings, metrics_port + settings.index if metrics_port else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gateway",
        description="Takes platforms' pushes at /push/<platform>; /healthz and /metrics.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--database", default=os.environ.get("PGDATABASE", ""), help="default: PGDATABASE")
    add("--user", default=os.environ.get("PGUSER", "qudao_gateway"), help=argparse.SUPPRESS)
    add("--host", help="address to listen on (127.0.0.1: a proxy with TLS stands in front)")
    add("--port", type=int, help="port to listen on (8072)")
    add("--processes", type=int, help="processes that share the port (1)")
    add("--index", type=int, help=argparse.SUPPRESS)
    add("--metrics-port", type=int, default=0, dest="pop_metrics",
        help="besides, process N alone answers on 127.0.0.1 at this port + N")  # fmt: skip
    add("--max-body", type=int, help="largest push in bytes (262144)")
    add("--max-connections", type=int, help="connections of one process (10000)")
    add("--max-waiting", type=int, help="events that may wait for their commit (20000)")
    return parser


def _given(options: argparse.Namespace) -> list[dataclasses.Field]:
    return [f for f in dataclasses.fields(Settings) if getattr(options, f.name, None) is not None]


def _raise_limit(connections: int) -> None:
    """Every connection is an open file; the soft limit is often 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(max(soft, connections + 256), MOST_SOCKETS)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
