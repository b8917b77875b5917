import logging
import time

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..controls import CHECKS
from ..core import catalogue, verdict

_logger = logging.getLogger(__name__)

STATES = [
    (verdict.UNUSED, "Not in use yet"),
    (verdict.UNKNOWN, "Not checked yet"),
    (verdict.GREEN, "Holds"),
    (verdict.RED, "Broken"),
    (verdict.ERROR, "Could not be checked"),
]
ACTIVITY = "channel_dashboard.mail_activity_control_red"
# A control that takes longer is stopped and shown as "could not be checked".
TIMEOUT_MS = 60_000


class ChannelControl(models.Model):
    """One invariant of the business, computed from the books and shown on the control board.

    The table of controls is ``core/catalogue.py``, their queries are in ``controls/``. Results are
    written by ``_run`` only; everybody who sees the board may start a run.
    """

    _name = "channel.control"
    _description = "Control"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "number, id"

    code = fields.Char(required=True, readonly=True)
    number = fields.Integer(readonly=True, aggregator=None)
    name = fields.Char(required=True, readonly=True, translate=True)
    question = fields.Text(readonly=True, translate=True)
    next_step = fields.Text(readonly=True, translate=True)
    group_id = fields.Many2one(
        "res.groups", string="Responsible", readonly=True, index=True, ondelete="set null"
    )
    state = fields.Selection(STATES, required=True, readonly=True, default=verdict.UNKNOWN)
    count = fields.Integer(string="Rows", readonly=True, aggregator=None)
    count_text = fields.Char(string="Rows Found", compute="_compute_count_text")
    checked_at = fields.Datetime(readonly=True)
    duration_ms = fields.Integer(string="Milliseconds", readonly=True, aggregator="avg")
    red_since = fields.Datetime(readonly=True)
    error = fields.Text(readonly=True)
    is_stale = fields.Boolean(compute="_compute_is_stale")
    finding_ids = fields.One2many("channel.control.finding", "control_id", readonly=True)
    run_ids = fields.One2many("channel.control.run", "control_id", readonly=True)

    _code_uniq = models.UniqueIndex("(code)", "Each control exists once.")

    @api.depends("count", "state")
    def _compute_count_text(self):
        for control in self:
            broken = control.state == verdict.RED
            control.count_text = verdict.shown_count(control.count) if broken else ""

    @api.depends("checked_at", "state")
    def _compute_is_stale(self):
        now = fields.Datetime.now()
        for control in self:
            used = control.state != verdict.UNUSED
            control.is_stale = used and verdict.is_stale(control.checked_at or None, now)

    # ------------------------------------------------------------------ catalogue
    @api.model
    def _catalogue(self):
        """The controls as ``ControlSpec``; an addon that brings a control into use overrides this."""
        return catalogue.CATALOGUE

    @api.model
    def _checks(self):
        """Checks by control code; an addon adds its own beside these."""
        return CHECKS

    @api.model
    def _sync_catalogue(self):
        """Write the catalogue into records, by external id so that they are translated as data."""
        module = "channel_dashboard"
        data = []
        for spec in self._catalogue():
            values = {
                "code": spec.code,
                "number": spec.number,
                "name": spec.name,
                "question": spec.question,
                "next_step": spec.next_step,
                "group_id": self.env.ref(spec.group).id,
            }
            known = self.sudo().search([("code", "=", spec.code)])
            if not spec.in_use:
                values["state"] = verdict.UNUSED
            elif not known or known.state == verdict.UNUSED:
                values["state"] = verdict.UNKNOWN
            data.append({"xml_id": f"{module}.control_{spec.code}", "values": values})
        self.sudo().with_context(lang=None)._load_records(data, update=True)

    # ------------------------------------------------------------------ running
    @api.model
    def _run_all(self):
        """Run every control in use and store the results.

        :return: rows found by control code, at most ``verdict.COUNT_LIMIT`` each; -1 for a control
            that could not be checked
        :rtype: dict[str, int]
        """
        controls = self.sudo().search([("state", "!=", verdict.UNUSED)])
        return controls._run()

    def _run(self):
        """Run these controls now. See ``_run_all`` for what is returned."""
        self.env.flush_all()
        counts = {}
        for control in self.sudo():
            if control.state == verdict.UNUSED:
                continue
            began = time.monotonic()
            rows, error = control._find_rows()
            duration = round((time.monotonic() - began) * 1000)
            control._store_result(rows, error, duration)
            counts[control.code] = -1 if error else len(rows)
        return counts

    def _find_rows(self):
        """``([(check, row)], error text)`` of one control; an error never stops the others."""
        self.ensure_one()
        found = []
        try:
            with self.env.cr.savepoint():
                self.env.execute_query(SQL("SET LOCAL statement_timeout = %s", TIMEOUT_MS))
                for check in self._checks()[self.code]:
                    room = verdict.COUNT_LIMIT - len(found)
                    if room <= 0:
                        break
                    found += [(check, row) for row in check.rows(self.env, room)]
                self.env.execute_query(SQL("SET LOCAL statement_timeout = DEFAULT"))
        except Exception as exception:  # the board must show the failure, whatever it is
            _logger.exception("Control %s could not be checked", self.code)
            return [], str(exception) or type(exception).__name__
        return found, None

    def _store_result(self, found, error, duration_ms):
        self.ensure_one()
        now = fields.Datetime.now()
        before = self.state
        after = verdict.state_of(True, len(found), bool(error))
        changed = (before, self.count) != (after, len(found)) or not self.checked_at
        values = {
            "state": after,
            "count": len(found),
            "checked_at": now,
            "duration_ms": duration_ms,
            "error": error,
        }
        turn = verdict.turned(before, after)
        if turn:
            values["red_since"] = now if turn == verdict.RED else False
        self.write(values)
        if changed:
            self.env["channel.control.run"].create(
                {
                    "control_id": self.id,
                    "checked_at": now,
                    "state": after,
                    "count": len(found),
                    "duration_ms": duration_ms,
                }
            )
        self._store_findings(found[: verdict.SAMPLE])
        self._tell(turn)

    def _store_findings(self, found):
        """Replace the rows of the screen when they differ from what is stored."""
        fresh = [
            {
                "control_id": self.id,
                "check_name": check.name,
                "model": check.model,
                "res_id": row.res_id,
                "company_id": row.company_id or False,
                "data": row.data,
            }
            for check, row in found
        ]

        def key(values):
            return values["check_name"], values["res_id"], repr(sorted(values["data"].items()))

        stored = [
            {"check_name": old.check_name, "res_id": old.res_id, "data": old.data or {}}
            for old in self.finding_ids
        ]
        if sorted(map(key, stored)) != sorted(map(key, fresh)):
            self.finding_ids.unlink()
            self.env["channel.control.finding"].create(fresh)

    def _tell(self, turn):
        """Give the responsible people an activity when a control turns red, take it back when green."""
        if turn == verdict.GREEN:
            self.activity_unlink([ACTIVITY])
        elif turn == verdict.RED:
            people = self.group_id.all_user_ids.filtered(
                lambda user: user.active and not user.share
            )
            for user in people:
                self.with_context(mail_activity_quick_update=True).activity_schedule(
                    ACTIVITY,
                    summary=self.with_context(lang=user.lang).name,
                    note=self.with_context(lang=user.lang).next_step,
                    user_id=user.id,
                )

    @api.model
    def _cron_run(self):
        """Scheduled run: one transaction a control, so that a slow one holds no snapshot open."""
        controls = self.search([("state", "!=", verdict.UNUSED)])
        self.env["ir.cron"]._commit_progress(remaining=len(controls))
        for control in controls:
            control._run()
            self.env["ir.cron"]._commit_progress(1)

    # ------------------------------------------------------------------ buttons
    def action_check(self):
        """Button “Check now”: these controls, or all of them when none is chosen."""
        if not self.env["channel.control"].has_access("read"):
            raise AccessError(self.env._("Your role has no control board."))
        chosen = self or self.search([])
        chosen._run()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_open_findings(self):
        """The offending rows of this control."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "channel.control.finding",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("control_id", "=", self.id)],
            "context": {"search_default_group_model": 1},
            "help": self.next_step,
        }

    def action_open_records(self):
        """The offending records in their own list: of the first kind this user may read."""
        self.ensure_one()
        for model, findings in self.finding_ids.grouped("model").items():
            if self.env[model].has_access("read"):
                return {
                    "type": "ir.actions.act_window",
                    "name": self.name,
                    "res_model": model,
                    "view_mode": "list,form",
                    "views": [(False, "list"), (False, "form")],
                    "domain": [("id", "in", findings.mapped("res_id"))],
                }
        return self.action_open_findings()
