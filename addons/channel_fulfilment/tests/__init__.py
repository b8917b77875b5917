from . import (
    test_access,
    test_documents,
    test_handover,
    test_refund,
    test_scan,
    test_wave,
)
