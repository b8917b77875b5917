"""Income tax that is withheld from a person's pay for services (劳务报酬所得). Whole fen.

Source: 国家税务总局公告2018年第61号, art. 8 and table 2 of its annex (预扣预缴): of each pay 800 yuan
are free, of one above 4,000 a fifth; 20 % up to 20,000 yuan, 30 % up to 50,000, 40 % above, less the
quick deduction. What is paid within a month for services that go on counts as one pay
(个人所得税法实施条例 art. 14).
"""

from __future__ import annotations

FREE = 800_00
FLAT = 4000_00
STEPS = ((20_000_00, 20, 0), (50_000_00, 30, 2000_00), (None, 40, 7000_00))


def of_month(paid: int) -> int:
    """The tax on everything that is paid to a person within a month; rounded to the fen."""
    if paid <= FREE:
        return 0
    hundredths = (paid - FREE) * 100 if paid <= FLAT else paid * 80
    for top, rate, deduction in STEPS:
        if top is None or hundredths <= top * 100:
            return (hundredths * rate + 5_000) // 10_000 - deduction
    raise AssertionError("the last step has no top")


def of_pay(pay: int, paid: int = 0, withheld: int = 0) -> int:
    """The tax to withhold from a further pay of a month.

    :param paid: what was paid in the month before, tax included
    :param withheld: the tax of that; never given back here
    """
    return min(max(of_month(paid + pay) - withheld, 0), pay)
