"""Accounts of the test company, and bills that their sources wrote."""

import base64
import gzip

from simulators import bill_files

from odoo.addons.channel_network.tests.common import ChannelCommon


class ReconcileCommon(ChannelCommon):
    """WeChat Pay, Alipay and a bank."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Bill = cls.env["reconcile.bill"]
        cls.Row = cls.env["reconcile.bill.row"]
        cls.wechat, cls.alipay, cls.bank = cls.env["reconcile.account"].create(
            [
                {"name": "Mini program", "kind": "wechat", "number": bill_files.MERCHANT},
                {"name": "Alipay", "kind": "alipay", "number": bill_files.ALIPAY},
                {"name": "Bank", "kind": "bank", "number": "6228 4800 0000 0001"},
            ]
        )

    def trades(self, count=20, seed=1, **how):
        return list(bill_files.trades(seed, count, **how))

    def file(self, trades, **how):
        """WeChat Pay's trade bill of them."""
        return b"".join(bill_files.wechat(trades, **how))

    def upload(self, data, name="bill.csv", role="finance", **values):
        """What the clerk does with a file; it has been read then."""
        env = self.as_role(role)
        file = env["ir.attachment"].create({"name": name, "datas": base64.b64encode(data)})
        wizard = env["reconcile.upload"].create({"file_ids": [(6, 0, file.ids)], **values})
        bill = env["reconcile.bill"].browse(wizard.action_upload()["res_id"])
        bill.sudo()._job_read()
        return bill

    def rows(self, bill):
        self.env.invalidate_all()
        return self.Row.search([("bill_id", "=", bill.id)], order="line")

    packed = staticmethod(gzip.compress)
