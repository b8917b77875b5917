from odoo import api, fields, models
from odoo.exceptions import UserError

from .channel_order_gather import NORMALISE, PLAIN


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
    text = fields.Char(
        "Phone, Name or Address",
        store=False,
        help="Typed once. Only a hash and a masked text are kept.",
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

    @api.model_create_multi
    def create(self, vals_list):
        self.check_access("create")
        # the key is closed to everybody, so it is written as the system
        hashed = [self._hashed(vals, vals.get("kind", "phone")) for vals in vals_list]
        records = super(ChannelBlocklist, self.sudo()).create(hashed).sudo(self.env.su)
        records.check_access("create")
        return records

    def write(self, vals):
        if "kind" in vals and not vals.get("text"):
            raise UserError(self.env._("Type the text again: only its hash is kept."))
        if vals.get("text"):
            kinds = {vals["kind"]} if "kind" in vals else set(self.mapped("kind"))
            if len(kinds) > 1:
                raise UserError(self.env._("Change entries of different kinds one by one."))
            vals = self._hashed(vals, kinds.pop())
        elif "key" in vals:
            raise UserError(self.env._("Type the phone, name or address to block."))
        self.check_access("write")
        vals = {name: value for name, value in vals.items() if name != "text"}
        return super(ChannelBlocklist, self.sudo()).write(vals)

    @api.model
    def _hashed(self, vals, kind):
        """The values with hash and mask in place of the text."""
        text = NORMALISE[kind](vals.get("text") or "")
        if not text:
            raise UserError(self.env._("Type the phone, name or address to block."))
        rest = {name: value for name, value in vals.items() if name not in ("text", "key")}
        return rest | {
            "key": self.env["channel.vault"]._vault().keyed_hash(kind, PLAIN + text),
            "masked": mask(kind, text),
        }


def mask(kind, text):
    """Text that people recognise and nobody can use: 138****8000, 张*, 广东省深圳****."""
    if kind == "phone":
        return f"{text[:3]}****{text[-4:]}" if len(text) >= 8 else "****"
    if kind == "name":
        return f"{text[:1]}{'*' * max(1, len(text) - 1)}"
    return f"{text[:6]}****"
