from odoo import fields, models

from odoo.addons.channel_network.fields import LeanMany2one


class ChannelAlarmTally(models.Model):
    """Orders of an item in ten seconds: what the rules look at, however many orders there are."""

    _name = "channel.alarm.tally"
    _description = "Alarm Tally"
    _order = "bucket desc, pool_id"
    _log_access = False

    pool_id = LeanMany2one("channel.pool", required=True, readonly=True)
    bucket = fields.Integer(
        required=True, readonly=True, help="Unix time in units of core.rules.BUCKET seconds."
    )
    orders = fields.Integer(required=True, readonly=True)
    priced = fields.Integer(
        required=True, readonly=True, help="Those of them that are outside the price band."
    )

    _bucket_uniq = models.UniqueIndex("(pool_id, bucket)", "A bucket is counted once.")
    _old_idx = models.Index("(bucket)")
