"""``python -m simulators.douyin --port 0 --db FILE``: serve until SIGTERM or SIGINT."""

import argparse
import signal
import threading

from .simulator import APP_KEY, APP_SECRET, SHOP_ID, DouyinSimulator


def main() -> None:
    """Parse the command line, serve, stop cleanly."""
    parser = argparse.ArgumentParser(prog="simulators.douyin", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1, 0: any")
    parser.add_argument("--db", required=True, help="SQLite file with the platform's books")
    parser.add_argument("--seed", type=int, default=1, help="seed of bursts")
    parser.add_argument("--app-key", default=APP_KEY)
    parser.add_argument("--app-secret", default=APP_SECRET)
    parser.add_argument("--shop-id", type=int, default=SHOP_ID)
    options = parser.parse_args()

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    with DouyinSimulator(**vars(options)) as sim:
        print(f"listening on {sim.url}", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
