from datetime import timedelta

from odoo import api, fields, models


class ChannelMemberPosition(models.Model):
    """Where a member stood in the tree, and when. Written by the system, never by hand."""

    _name = "channel.member.position"
    _description = "Place in the Tree"
    _order = "date_from desc, id desc"
    _rec_name = "member_id"

    member_id = fields.Many2one("channel.member", required=True, index=True, ondelete="cascade")
    parent_id = fields.Many2one(
        "channel.member", "Supplied by", index="btree_not_null", ondelete="restrict"
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", help="The last day. Empty: until now.")
    company_id = fields.Many2one(
        "res.company", related="member_id.company_id", store=True, index=True
    )

    _one_open = models.UniqueIndex(
        "(member_id) WHERE date_to IS NULL", "A member has one present place in the tree."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A period ends after it begins."
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(member_id, member_id, '[]') WITH &&,"
        " daterange(date_from, date_to, '[]') WITH &&)",
        "A member stands in one place at a time.",
    )

    @api.model
    def _note(self, members):
        """Record the present parent of each member from today on.

        A place taken and left on one day leaves no trace: a period has at least one day.
        """
        today = fields.Date.context_today(self)
        present = {
            position.member_id: position
            for position in self.search([("member_id", "in", members.ids), ("date_to", "=", False)])
        }
        same_day, fresh = self.browse(), []
        for member in members:
            position = present.get(member)
            if position and position.date_from >= today:
                same_day |= position
                position.parent_id = member.parent_id
                continue
            if position:
                position.date_to = today - timedelta(days=1)
            fresh.append(
                {"member_id": member.id, "parent_id": member.parent_id.id, "date_from": today}
            )
        self.flush_model(["date_to", "parent_id"])  # one open place each: close before opening
        return same_day | self.create(fresh)
