from . import (
    test_cockpit,
    test_hold,
    test_roles,
    test_session,
    test_talent,
    test_tally,
)
