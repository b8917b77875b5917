from odoo import fields, models

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelAftersaleAnswer(models.Model):
    """What we decided about an after-sale: at which gate, who, when, and which version was seen.

    Append-only: a trigger refuses changes. One answer a gate and version; who comes second is told
    who was first.
    """

    _name = "channel.aftersale.answer"
    _description = "Answer to an After-sale"
    _rec_name = "gate"
    _order = "id desc"
    _log_access = False

    aftersale_id = LeanMany2one(
        "channel.aftersale", string="After-sale", required=True, readonly=True
    )
    company_id = fields.Many2one(related="aftersale_id.company_id")
    currency_id = fields.Many2one(related="aftersale_id.currency_id")
    gate = fields.Selection(
        [("request", "The request"), ("goods", "The goods")], required=True, readonly=True
    )
    accept = fields.Boolean("Granted", readonly=True)
    version = fields.Integer(
        required=True,
        readonly=True,
        help="The platform's update time of what was decided on, in unix seconds.",
    )
    amount = fields.Monetary(readonly=True, help="What the buyer was to get.")
    reason = fields.Text(readonly=True)
    user_id = LeanMany2one("res.users", string="Decided By", required=True, readonly=True)
    at = fields.Datetime("Decided On", required=True, readonly=True, default=fields.Datetime.now)

    _version_uniq = models.UniqueIndex(
        "(aftersale_id, gate, version)", "This is decided already: reload the page to see by whom."
    )

    def init(self):
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION channel_aftersale_answer_guard() RETURNS trigger
            LANGUAGE plpgsql AS $guard$
            BEGIN
                RAISE EXCEPTION 'answers to after-sales are append-only'
                    USING ERRCODE = 'check_violation';
            END $guard$
            """
        )
        self.env.cr.execute(
            "DROP TRIGGER IF EXISTS channel_aftersale_answer_guard ON channel_aftersale_answer"
        )
        self.env.cr.execute(
            """
            CREATE TRIGGER channel_aftersale_answer_guard
            BEFORE UPDATE OR DELETE ON channel_aftersale_answer
            FOR EACH STATEMENT EXECUTE FUNCTION channel_aftersale_answer_guard()
            """
        )
