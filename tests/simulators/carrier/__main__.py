"""``python -m simulators.carrier --port 0 --db FILE``: serve until SIGTERM or SIGINT."""

import argparse
import signal
import threading

from .simulator import CUSTOMER, KEY, CarrierSimulator


def main() -> None:
    """Parse the command line, serve, stop cleanly."""
    parser = argparse.ArgumentParser(prog="simulators.carrier", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1, 0: any")
    parser.add_argument("--db", required=True, help="SQLite file with the service's books")
    parser.add_argument("--customer", default=CUSTOMER)
    parser.add_argument("--key", default=KEY)
    options = parser.parse_args()

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    with CarrierSimulator(**vars(options)) as sim:
        print(f"listening on {sim.url}", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
