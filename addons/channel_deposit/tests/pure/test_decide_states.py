"""The deposit machine on the pure ledger: 300 runs of 50 steps, about 15 s."""

from deposits import Deposits
from hypothesis import HealthCheck, settings

TestDeposits = Deposits.TestCase
TestDeposits.settings = settings(
    max_examples=300,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
