from . import (
    common,
    test_access,
    test_catalogue,
    test_common,
    test_contract,
    test_fulfiller,
    test_lean_field,
    test_member,
    test_platform,
    test_portal,
    test_territory,
)
