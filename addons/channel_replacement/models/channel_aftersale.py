from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_order.core.aftersales import GoodsFacts, Step


class ChannelAftersale(models.Model):
    """New goods for exchanges and resends: made when they are due, told when they have left."""

    _inherit = "channel.aftersale"

    replacement_ids = fields.One2many(
        "channel.replacement", "aftersale_id", "Replacements", readonly=True,
        groups="base.group_user",
    )  # fmt: skip

    @api.model
    def _goods_facts(self, ids):
        facts = super()._goods_facts(ids)
        self.env["channel.replacement"].flush_model()
        for [aftersale_id] in self.env.execute_query(
            SQL(
                "SELECT aftersale_id FROM channel_replacement"
                " WHERE state = 'sent' AND aftersale_id = ANY(%s)",
                list(ids),
            )
        ):
            known = facts.get(aftersale_id) or GoodsFacts()
            facts[aftersale_id] = replace(known, replaced=True)
        return facts

    @api.model
    def _restep(self, ids):
        moved = super()._restep(ids)
        for aftersale_id, step, number, state in self._replacements_of(ids):
            found = self.env["channel.replacement"].sudo().browse(number or [])
            if step == Step.SHIP and not number:
                found._make(self.browse(aftersale_id).sudo())
            elif state == "to_send" and step != Step.SHIP:
                found._cancel()
            elif state == "sent" and step == Step.TELL:
                # at each version that the platform asks about: it takes no answer to an older one
                told = self.browse(aftersale_id)
                told.invalidate_recordset(["updated_at"])
                told._tell_replacement(found.carrier_id.channel_code or "", found.waybill)
        self.env.flush_all()  # the batch path drops the cache after its statements
        return moved

    @api.model
    def _replacements_of(self, ids):
        """(after-sale, step, its replacement, state) of those that need or have one."""
        return self.env.execute_query(
            SQL(
                """
                SELECT a.id, a.step, r.id, r.state FROM channel_aftersale a
                  LEFT JOIN channel_replacement r
                       ON r.aftersale_id = a.id AND r.state <> 'cancelled'
                 WHERE a.id = ANY(%s) AND a.order_id IS NOT NULL
                   AND (r.id IS NOT NULL OR a.step = 'ship')
                 ORDER BY a.id
                """,
                sorted(ids),
            )
        )

    def action_open_replacements(self):
        """The replacements of the after-sale."""
        self.ensure_one()
        domain = [("aftersale_id", "=", self.id)]
        return self.replacement_ids._get_records_action(
            name=self.env._("Replacements"), views=[(False, "list"), (False, "form")], domain=domain
        )
