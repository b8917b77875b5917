"""Facts of exceptions as they are stored: JSON without what is empty."""

import json
from dataclasses import asdict

from .batch_sql import clean
from .core.snapshot import Fact


def write_facts(facts):
    """Facts as JSON text for the database, None for none."""
    if not facts:
        return None
    return json.dumps(
        [
            {
                name: clean(value) if isinstance(value, str) else value
                for name, value in asdict(fact).items()
                if value or name == "kind"
            }
            for fact in facts
        ],
        ensure_ascii=False,
    )


def read_facts(stored):
    """Facts from the database's JSON."""
    return tuple(Fact(**values) for values in stored or ())
