from . import (
    test_access,
    test_background,
    test_concurrency,
    test_documents,
    test_handover,
    test_races,
    test_refund,
    test_scan,
    test_wave,
)
