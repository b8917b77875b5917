from . import (
    test_access,
    test_batch,
    test_concurrency,
    test_defects,
    test_desk,
    test_owner,
    test_races,
)
