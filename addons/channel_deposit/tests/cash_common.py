import base64

from .common import DepositCommon

PICTURE = base64.b64encode(b"a picture")


class CashCommon(DepositCommon):
    """A maker and a checker of finance, and the brand's bank journal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maker = cls.users["finance"]
        cls.checker = cls._create_user("qudao_checker", "group_finance_clerk")
        cls.bank = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "bank")], limit=1
        ) or cls.env["account.journal"].create(
            {"name": "Bank", "code": "QBNK", "type": "bank", "company_id": cls.company.id}
        )

    def _voucher(self, user=None, **values):
        """A complete draft voucher of 100.00 for Dealer A, entered by the maker."""
        env = self.as_user(user or self.maker)
        vouchers = env["channel.deposit.voucher"]
        number = self.env["channel.deposit.voucher"].search_count([]) + 1
        return vouchers.create(
            {
                "account_id": self.account.id,
                "amount": 100.0,
                "journal_id": self.bank.id,
                "reference": f"REF {number}",
                "date": "2026-03-15",
                "slip": PICTURE,
                **values,
            }
        )

    def _submitted(self, **values):
        voucher = self._voucher(**values)
        voucher.action_submit()
        return voucher

    def _approved(self, **values):
        voucher = self._submitted(**values)
        self._check(voucher).action_approve()
        return voucher

    def _check(self, documents):
        """The documents as the checker has them."""
        return documents.with_env(self.as_user(self.checker))

    def _request(self, kind="refund", **values):
        """A draft request of 4.00 for Dealer A, entered by the maker."""
        member = self.env["channel.deposit.account"].browse(values.get("account_id")).member_id
        if kind == "refund" and not (member or self.dealer_a).partner_id.bank_ids:
            self._number_of(member or self.dealer_a, "6222 0000 0001")
        return self.as_user(self.maker)["channel.deposit.request"].create(
            {
                "kind": kind,
                "account_id": self.account.id,
                "amount": 4.0,
                "reason": "as agreed",
                **values,
            }
        )

    def _entries_of(self, account):
        return self.env["channel.deposit.entry"].search([("account_id", "=", account.id)])

    @classmethod
    def _bonus_rule(cls, **values):
        return cls.env["channel.deposit.bonus.rule"].create(
            {
                "name": "Spring",
                "company_id": cls.company.id,
                "minimum": 100.0,
                "method": "percent",
                "percent": 2.0,
                **values,
            }
        )

    @classmethod
    def _bank_line(cls, amount=100.0, **values):
        return cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.bank.id,
                "date": "2026-03-16",
                "payment_ref": "payment",
                "amount": amount,
                **values,
            }
        )

    @classmethod
    def _number_of(cls, member, number):
        """Give a member a bank account."""
        cls.env["res.partner.bank"].create(
            {"partner_id": member.partner_id.id, "acc_number": number}
        )
