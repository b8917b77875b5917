"""What can be set, with values that suit one brand; times in seconds, sizes in bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Set on the command line; limits have one value for everybody."""

    database: str
    user: str
    host: str = "127.0.0.1"
    port: int = 8072
    processes: int = 1
    index: int = 0
    max_body: int = 256 * 1024
    max_connections: int = 10_000
    max_waiting: int = 20_000  # events
    max_buffered: int = 64 * 1024 * 1024  # bytes of bodies under way, all connections together
    max_head: int = 16 * 1024
    head_timeout: float = 5.0
    body_timeout: float = 5.0
    idle_timeout: float = 75.0
    drain_timeout: float = 8.0
    # Platforms wait 3 to 5 s for the acknowledgement: give up before they do.
    lock_timeout: float = 1.5
    statement_timeout: float = 2.5
    answer_timeout: float = 3.0
