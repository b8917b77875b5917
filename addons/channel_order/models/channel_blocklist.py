from odoo import fields, models


class ChannelBlocklist(models.Model):
    """A receiver we do not ship to. Only a keyed hash and a masked text are stored."""

    _name = "channel.blocklist"
    _description = "Blocked Receiver"
    _rec_name = "masked"
    _order = "id desc"

    kind = fields.Selection(
        [("phone", "Phone"), ("name", "Name"), ("address", "Address")],
        required=True,
        default="phone",
    )
    key = fields.Char(required=True, readonly=True, copy=False, groups=fields.NO_ACCESS)
    masked = fields.Char("Shown As", readonly=True, copy=False)
    reason = fields.Text(required=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: blocked for every company."
    )
    active = fields.Boolean(default=True)

    _key_uniq = models.UniqueIndex(
        "(kind, key, COALESCE(company_id, 0))", "This receiver is on the blocklist already."
    )
