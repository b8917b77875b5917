from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..core.telling import Known, Reading, accept, insist

STATES = [
    ("in_step", "In Step"),
    ("todo", "To Tell"),
    ("waits", "Waits for Orders"),
    ("later", "Tried Again Later"),
    ("stopped", "Stopped"),
    ("differs", "Differs"),
    ("off", "Not Told"),
]
MAY_TELL = (
    "channel_network.group_integration_admin",
    "channel_network.group_livestream_operator",
)
KNOWN = (
    "base", "is_known", "is_zeroed", "is_confirmed", "accepted", "difference", "has_reading",
)  # fmt: skip


class PlatformStock(models.Model):
    """What a platform shows of one SKU, and what it should show by our books.

    One row for each SKU whose offers were opened in a shop that tells its stock. How the number
    is told: ``core/telling.py``. Rows are written by the worker and the jobs, and by the buttons.
    """

    _name = "channel.platform.stock"
    _description = "Platform Stock"
    _order = "shop_id, sku_ref"
    _rec_name = "sku_ref"

    shop_id = fields.Many2one("channel.shop", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    sku_ref = fields.Char("Platform SKU", required=True, readonly=True)
    link_id = fields.Many2one(
        "channel.link", "Platform Link", readonly=True, ondelete="set null", index="btree_not_null"
    )
    state = fields.Selection(STATES, required=True, default="todo", readonly=True)
    wanted = fields.Integer(
        "Our Number",
        readonly=True,
        help="What the platform should show when everything it sold has arrived here.",
    )
    told = fields.Integer(
        readonly=True, help="What it should have shown when it last agreed to a call of ours."
    )
    told_at = fields.Datetime("Told On", readonly=True)
    read_number = fields.Integer("Platform's Number", readonly=True)
    read_held = fields.Integer(
        "Held for Unpaid", readonly=True, help="What the platform keeps for unpaid orders."
    )
    read_at = fields.Datetime("Read On", readonly=True)
    next_read = fields.Datetime(readonly=True)
    difference = fields.Integer(
        readonly=True, help="How many more (+) or fewer (-) the platform shows than it should."
    )
    accepted = fields.Integer("Accepted Difference", readonly=True)
    base = fields.Integer(
        "Counts From", readonly=True, help="The platform's number with all it has ever sold of it."
    )
    is_known = fields.Boolean("Platform's Number Known", readonly=True)
    is_zeroed = fields.Boolean("0 Told Last", readonly=True)
    is_confirmed = fields.Boolean("Confirmed by a Reading", readonly=True)
    is_due = fields.Boolean("Offers Changed", readonly=True)
    has_reading = fields.Boolean("Reading to Compare", readonly=True)
    reading_used = fields.Integer(readonly=True)
    reading_stamp = fields.Char(readonly=True)
    attempts = fields.Integer(readonly=True)
    next_attempt = fields.Datetime(readonly=True)
    error = fields.Char(readonly=True)
    next_step = fields.Char(compute="_compute_next_step")
    call_ids = fields.One2many("channel.platform.stock.call", "stock_id", "Told", readonly=True)

    _sku_uniq = models.UniqueIndex("(shop_id, sku_ref)", "A SKU of a shop has one row.")
    _work_idx = models.Index("(shop_id, next_attempt) WHERE state IN ('todo', 'later')")

    @api.depends("link_id.title", "sku_ref")
    def _compute_display_name(self):
        for row in self:
            title = row.link_id.title
            row.display_name = f"{title} [{row.sku_ref}]" if title else row.sku_ref

    @api.depends("state", "difference", "error", "wanted")
    def _compute_next_step(self):
        steps = {
            "todo": self.env._("Nothing to do: it is told in a moment."),
            "waits": self.env._(
                "Nothing to do: it is told as soon as the platform's orders until now are read."
            ),
            "later": self.env._("Nothing to do: it is tried again by itself."),
            "stopped": self.env._(
                "Read the platform's words, put the SKU right in the link or on the platform, then"
                " press Tell Now."
            ),
            "off": self.env._("To tell it, choose a source in the link or in the shop."),
        }
        for row in self:
            row.next_step = steps.get(row.state, False)
            if row.state == "differs":
                row.next_step = row._difference_step()

    def _difference_step(self):
        return self.env._(
            "The platform shows %(number)s, it should be %(ours)s. Find out who changed it there;"
            " then press Tell Our Number, or Accept to leave it as it is.",
            number=self.read_number,
            ours=self.read_number - self.difference,
        )

    # -- the values of the core ----------------------------------------------------------------

    def _known(self) -> Known:
        """What we know of the platform's number."""
        self.ensure_one()
        return Known(
            base=self.base if self.is_known else None,
            zeroed=self.is_zeroed,
            confirmed=self.is_confirmed,
            reading=self._reading() if self.has_reading else None,
            accepted=self.accepted,
            difference=self.difference,
        )

    def _reading(self) -> Reading:
        # a second is added: the moment is kept without its fractions
        moment = self.read_at.replace(tzinfo=UTC) + timedelta(seconds=1)
        return Reading(
            self.read_number + self.read_held,
            self.reading_used,
            moment.timestamp(),
            self.reading_stamp or "",
        )

    @api.model
    def _known_values(self, known: Known) -> dict:
        """The same as values to write; a reading itself is written by who reads."""
        return {
            "base": known.base or 0,
            "is_known": known.base is not None,
            "is_zeroed": known.zeroed,
            "is_confirmed": known.confirmed,
            "has_reading": known.reading is not None,
            "accepted": known.accepted,
            "difference": known.difference,
        }

    # -- buttons -------------------------------------------------------------------------------

    def _may_tell(self):
        if not self.env.su and not any(self.env.user.has_group(group) for group in MAY_TELL):
            raise AccessError(
                self.env._(
                    "Only livestream operators and integration administrators tell a platform its"
                    " stock. Ask one of them."
                )
            )
        self.check_access("read")
        return self.sudo()

    def action_tell(self):
        """Tell our number, whatever the platform shows."""
        for row in self._may_tell():
            row.write(self._known_values(insist(row._known())))
        self._wake()
        return self._notify(self.env._("The platform is told in a moment."))

    def action_read(self):
        """Ask the platform for its number."""
        self._may_tell().write({"next_read": fields.Datetime.now(), "has_reading": False})
        self._wake()
        return self._notify(
            self.env._(
                "The platform is asked now. Its number is compared once the orders until now are"
                " read, within a minute or two."
            )
        )

    def action_accept(self):
        """Leave the platform's number as it is."""
        for row in self._may_tell().filtered("difference"):
            row.write(self._known_values(accept(row._known())) | {"state": "in_step"})
        return True

    def _wake(self) -> None:
        """Have the rows looked at at once, also those that wait for a later attempt."""
        rows = self.sudo()
        rows.write({"next_attempt": False, "attempts": 0})
        self.env["channel.platform.stock.todo"].sudo()._mark(
            (row.shop_id.id, row.sku_ref) for row in rows
        )
        rows._enqueue_tell()

    def _notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "info",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
