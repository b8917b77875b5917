from . import (
    common,
    test_access,
    test_common,
    test_lean_field,
    test_portal,
)
