from odoo import fields, models


class ChannelMemberGrade(models.Model):
    """A grade of members (gold, silver …). Assortments and, later, prices follow it."""

    _name = "channel.member.grade"
    _description = "Member Grade"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    member_count = fields.Integer(compute="_compute_member_count", string="Members")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another grade already has this code: choose another code."
    )

    def _compute_member_count(self):
        counts = dict(
            self.env["channel.member"]._read_group(
                [("grade_id", "in", self.ids)], ["grade_id"], ["__count"]
            )
        )
        for grade in self:
            grade.member_count = counts.get(grade, 0)
