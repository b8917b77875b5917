"""Nobody sees a record of a company that is not theirs, whatever the role."""

from odoo.tests import tagged

from .access_matrix import MATRIX
from .common import our_models
from .walls_common import WallsCase

# Models whose rows belong to no company, with the reason.
NO_COMPANY = {
    "channel.alarm.tally": "counts that no role reads; alarms made of them have a company",
    "channel.alarm.watch": "a technical row: how far orders were counted",
    "channel.brand": "a list of words shared by the group's companies",
    "channel.control": "the ten controls are questions, the same for every company",
    "channel.control.run": "counts over all companies, without any record's content",
    "channel.member.grade": "a list of words shared by the group's companies",
    "channel.push.refusal": "counts of what was not taken, often of nobody known; no content",
    "channel.return.reason": "a list of words shared by the group's companies",
    "channel.territory": "the regions of China",
    "channel.warehouse.lock": "a technical row a warehouse: it holds nothing to read",
}


@tagged("post_install", "-at_install")
class TestCompanyWalls(WallsCase):
    def test_no_role_sees_another_company(self):
        for model, records in our_models(self.env).items():
            if records._transient or model in NO_COMPANY:
                continue
            with self.subTest(model=model):
                self._check(model)

    def _check(self, model):
        abroad, own = self.abroad.get(model), self.own.get(model)
        for role, letters in MATRIX[model].items():
            if "r" not in letters:
                continue
            user = self.users[role]
            self.assertFalse(
                abroad.with_user(user).sudo(False).has_access("read"),
                f"{role} reads {abroad} of another company",
            )
            if role == "admin":
                self.assertTrue(
                    own.with_user(user).sudo(False).has_access("read"),
                    f"{role} does not read {own} of the own company",
                )
