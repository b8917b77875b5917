from odoo import api, fields, models
from odoo.exceptions import UserError

AT_ONCE = 100  # more are decided in the background
PER_JOB = 50  # each job is a transaction, so that nobody waits long for a dealer's money
# A job in one of these states still comes to an end by itself.
GOING = ("wait_dependencies", "pending", "enqueued", "started")


class ChannelReviewDecide(models.TransientModel):
    """A sales manager decides about one order or hundreds; every order gets a result of its own."""

    _name = "channel.review.decide"
    _description = "Decide about Dealer Orders"
    _transient_max_hours = 72.0  # a job that stops on Friday is gone on with on Monday

    order_ids = fields.Many2many("sale.order", string="Orders", required=True)
    decision = fields.Selection(
        [
            ("review", "Check again: confirm what passes now"),
            ("approve", "Approve: confirm although rules hold it"),
            ("return", "Return to the dealer"),
        ],
        required=True,
        default="approve",
    )
    reason = fields.Text(
        help="Approve: why, although a rule holds the order. Return: what the dealer should"
        " change; the dealer reads it."
    )
    line_ids = fields.One2many(
        "channel.review.decide.line", "wizard_id", compute="_compute_lines", store=True
    )
    running = fields.Boolean(readonly=True)
    done = fields.Boolean(readonly=True)
    job_uuid = fields.Char(readonly=True)
    stopped = fields.Text(
        compute="_compute_stopped",
        help="Why nothing goes on in the background, although not all orders are decided.",
    )
    progress = fields.Float(compute="_compute_progress")
    summary = fields.Char(readonly=True)

    @api.depends("order_ids")
    def _compute_lines(self):
        for wizard in self:
            wizard.line_ids = [(5,)] + [
                (0, 0, {"order_id": order._origin.id or order.id}) for order in wizard.order_ids
            ]

    @api.depends("line_ids.result")
    def _compute_progress(self):
        for wizard in self:
            decided = len(wizard.line_ids.filtered("result"))
            wizard.progress = 100 * decided / (len(wizard.line_ids) or 1)

    @api.depends("running", "job_uuid")
    def _compute_stopped(self):
        jobs = self.env["queue.job"].sudo().search([("uuid", "in", self.mapped("job_uuid"))])
        by_uuid = {job.uuid: job for job in jobs}
        for wizard in self:
            job = by_uuid.get(wizard.job_uuid, jobs.browse())
            wizard.stopped = (
                wizard.running and job.state not in GOING and wizard._stopped_words(job)
            )

    def _stopped_words(self, job):
        """How far it came and why it stopped, from the job that failed, was cancelled or is gone."""
        decided = len(self.line_ids.filtered("result"))
        words = self.env._(
            "Stopped after %(decided)s of %(all)s orders. What is decided stays. Press Go On to"
            " decide about the others.",
            decided=decided,
            all=len(self.line_ids),
        )
        cancelled = self.env._("The job was cancelled.") if job.state == "cancelled" else ""
        return "\n".join(filter(None, [cancelled or job.exc_message, words]))

    def action_apply(self):
        """Decide about every order, each for itself, and show what became of it.

        Many are decided in the background, so many at a time; the window shows how far it is.
        """
        self.ensure_one()
        self.order_ids._check_reviewer()
        if not self.running and not self.done:
            if len(self.order_ids) > AT_ONCE:
                self.running = True
                self._enqueue()
            else:
                self._apply(self.line_ids)
                self._finish()
        return self._window()

    def action_go_on(self):
        """After the job has stopped: decide about the orders that have no result yet."""
        self.ensure_one()
        self.order_ids._check_reviewer()
        if self.stopped:
            self._enqueue()
        return self._window()

    def action_refresh(self):
        """How far it is now."""
        return self._window()

    def _window(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Result"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # -- in the background -----------------------------------------------------------------

    def _enqueue(self):
        decided = len(self.line_ids.filtered("result"))
        job = self.with_delay(
            identity_key=f"channel_sale.decide.{self.id}.{decided}",
            description=self.env._("Decide about %s dealer orders", len(self.order_ids)),
        )._job_decide()
        self.job_uuid = job.uuid

    def _job_decide(self):
        """Job: decide about the next orders, then the job after; the user is told at the end."""
        self.ensure_one()
        todo = self.line_ids.filtered(lambda line: not line.result)
        self._apply(todo[:PER_JOB])
        if todo[PER_JOB:]:
            self._enqueue()
            return
        self._finish()
        self.env.user._bus_send(
            "simple_notification",
            {
                "title": self.env._("Dealer orders are decided"),
                "message": self.summary,
                "type": "success",
            },
        )

    def _tell_stopped(self):
        """Tell the user whose job has failed: the window may be closed."""
        for wizard in self.filtered("running"):
            user = wizard.env.user
            words = wizard.with_context(lang=user.lang).env
            user._bus_send(
                "simple_notification",
                {
                    "title": words._("Dealer orders are not all decided"),
                    "message": words._(
                        "It stopped by an error. Open Orders to Review: what still stands there"
                        " is not decided. Decide about it again."
                    ),
                    "type": "danger",
                    "sticky": True,
                },
            )

    def _finish(self):
        self.write({"running": False, "done": True, "summary": self._summary_words()})

    def _summary_words(self):
        orders = self.order_ids
        if self.decision == "return":
            return self.env._(
                "%(returned)s of %(all)s orders are back with their dealers.",
                returned=sum(order.review_state == "returned" for order in orders),
                all=len(orders),
            )
        return self.env._(
            "%(confirmed)s of %(all)s orders are confirmed.",
            confirmed=sum(order.state == "sale" for order in orders),
            all=len(orders),
        )

    # -- deciding --------------------------------------------------------------------------

    def _apply(self, lines):
        """Decide about the orders of these lines and write each one's result on its line."""
        orders = lines.order_id.sorted("id")
        orders._check_reviewer()
        orders._wait_for_dealers()
        decision, reason = self.decision, self.reason
        if decision == "review":
            results = self._check_again(orders)
        elif decision == "approve":
            results = self._approve(orders, reason)
        else:
            results = {order: self._decide(order, decision, reason) for order in orders}
        by_words = {}
        for line in lines:
            by_words.setdefault(results[line.order_id], lines.browse())
            by_words[results[line.order_id]] |= line
        for words, same in by_words.items():
            same.result = words

    def _approve(self, orders, reason):
        """Approve all at once, or one by one when something stands against that."""
        results, waiting = {}, orders.browse()
        for order in orders:
            try:
                order._check_open()
                waiting |= order
            except UserError as error:
                results[order] = str(error)
        try:
            with self.env.cr.savepoint():
                waiting._lock_rows()
                results |= waiting._approve_together(reason)
        except UserError:
            return results | {order: self._decide(order, "approve", reason) for order in waiting}
        return results | {order: self._result(order) for order in waiting if order not in results}

    def _decide(self, order, decision, reason):
        """Approve or return one order; what fails is undone and told."""
        try:
            with self.env.cr.savepoint():
                if decision == "approve":
                    order._approve(reason)
                else:
                    order._return(reason)
        except UserError as error:
            return str(error)
        return self._result(order)

    def _check_again(self, orders):
        """Confirm what passes: all at once, or one by one when something stands against that."""
        open_orders = orders.filtered(lambda order: order.state in ("draft", "sent"))
        try:
            with self.env.cr.savepoint():
                open_orders.action_confirm()
        except UserError:
            return {order: self._confirm_one(order) for order in orders.sorted("id")}
        return {order: self._result(order) for order in orders}

    def _confirm_one(self, order):
        try:
            with self.env.cr.savepoint():
                order.action_confirm()
        except UserError as error:
            return str(error)
        return self._result(order)

    def _result(self, order):
        if order.state == "sale":
            return self.env._("Confirmed")
        states = dict(order._fields["review_state"]._description_selection(self.env))
        words = order.sudo().review_text
        return f"{states[order.review_state]}: {words}" if words else states[order.review_state]


class ChannelReviewDecideLine(models.TransientModel):
    """One order of the decision: why it waits, and what became of it."""

    _name = "channel.review.decide.line"
    _description = "Order to Decide"

    wizard_id = fields.Many2one("channel.review.decide", required=True, ondelete="cascade")
    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    member_id = fields.Many2one(related="order_id.member_id")
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_total = fields.Monetary(related="order_id.amount_total")
    review_text = fields.Text(related="order_id.review_text")
    result = fields.Text(readonly=True)
