import os
from unittest.mock import patch

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from odoo.fields import Datetime

from odoo.addons.channel_settlement.tests.common import SettlementCommon, rule

NUMBER = "1900000001"


def pem(key):
    """PEM of a private key, and of its public one."""
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


class SplitCommon(SettlementCommon):
    """Three orders that left, paid to our merchant number; the agent gets 20 %, the MCN 5 %."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        cls.channel_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        cls.second = cls.env["res.partner"].create({"name": "Second"})
        scheme = cls.publish(
            cls,
            rule("other", 20, partner_id=cls.agent.id, settled_by="channel"),
            rule("other", 5, partner_id=cls.second.id, settled_by="channel", sequence=20),
            rule("brand"),
            sequence=1,
        )
        cls.force(cls, scheme, published_at="2020-01-01", date_start="2020-01-01")
        cls.merchant = cls.env["channel.payment.merchant"].create(
            {"name": "Mini program", "number": NUMBER, "app_ref": "wx1", "credential_ref": "TEST"}
        )
        cls.receivers = cls.env["channel.payment.receiver"].create(
            [
                {"merchant_id": cls.merchant.id, "partner_id": partner.id, "account": account}
                for partner, account in ((cls.agent, "19001"), (cls.second, "19002"))
            ]
        )
        secrets = {
            "KEY": pem(cls.key)[0],
            "SERIAL": "S1",
            "CHANNEL_KEY": pem(cls.channel_key)[1],
            "CHANNEL_SERIAL": "PUB_KEY_ID_0116000000000000000000000001",
        }
        names = {f"QUDAO_PAYMENT_TEST_{name}": value for name, value in secrets.items()}
        cls.enterClassContext(patch.dict(os.environ, names))

    def setUp(self):
        super().setUp()
        self.split()

    def pay(self, order, yuan, **values):
        """A payment for an order, two minutes ago."""
        ago = Datetime.subtract(Datetime.now(), minutes=2)
        return self.env["channel.payment"].create(
            {
                "merchant_id": self.merchant.id,
                "transaction_ref": f"T{order.id}",
                "order_id": order.id,
                "amount": yuan,
                "paid_at": ago,
            }
            | values
        )
