from datetime import date

import pytest
from channel_deposit.core.quarter import last_quarter_end


@pytest.mark.parametrize(
    "today, end",
    [
        (date(2026, 1, 1), date(2025, 12, 31)),
        (date(2026, 3, 31), date(2025, 12, 31)),
        (date(2026, 4, 1), date(2026, 3, 31)),
        (date(2026, 9, 30), date(2026, 6, 30)),
        (date(2026, 12, 31), date(2026, 9, 30)),
    ],
)
def test_the_quarter_before(today, end):
    assert last_quarter_end(today) == end
