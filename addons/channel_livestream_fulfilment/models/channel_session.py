from odoo import api, fields, models
from odoo.tools import SQL


class ChannelSession(models.Model):
    """What became of a session's orders: waves, parcels, deliveries, invoices.

    A wave may hold orders of several sessions, so its documents belong to each of them.
    """

    _inherit = "channel.session"

    wave_count = fields.Integer("Waves", compute="_compute_wave_count")
    parcel_count = fields.Integer("Parcels", compute="_compute_wave_count")
    picking_count = fields.Integer(
        "Deliveries", compute="_compute_picking_count", groups="stock.group_stock_user"
    )
    invoice_count = fields.Integer(
        "Invoices",
        compute="_compute_invoice_count",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    def _compute_wave_count(self):
        waves = dict(
            self.env.execute_query(
                SQL(
                    "SELECT session_id, count(*) FROM %s part GROUP BY session_id",
                    self._waves_sql(SQL("unnest(%s::int[])", self.ids)),
                )
            )
        )
        parcels = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT session_id, count(DISTINCT parcel_id) FROM channel_order
                     WHERE session_id = ANY(%s) AND wave_id IS NOT NULL
                     GROUP BY session_id
                    """,
                    self.ids,
                )
            )
        )
        for session in self:
            session.wave_count = waves.get(session._origin.id, 0)
            session.parcel_count = parcels.get(session._origin.id, 0)

    def _compute_picking_count(self):
        counts = self._document_counts("stock.picking")
        for session in self:
            session.picking_count = counts.get(session._origin.id, 0)

    def _compute_invoice_count(self):
        counts = self._document_counts("account.move")
        for session in self:
            session.invoice_count = counts.get(session._origin.id, 0)

    def _document_counts(self, model):
        """{session id: records of the model that name a wave of the session}"""
        self.env[model].flush_model(["channel_wave_id"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT part.session_id, count(*)
                      FROM %(waves)s part JOIN %(table)s doc ON doc.channel_wave_id = part.wave_id
                     GROUP BY part.session_id
                    """,
                    waves=self._waves_sql(SQL("unnest(%s::int[])", self.ids)),
                    table=SQL.identifier(self.env[model]._table),
                )
            )
        )

    @api.model
    def _waves_sql(self, sessions):
        """A table (session_id, wave_id) of sessions and their waves, each pair once.

        It steps through the index from wave to wave: a DISTINCT would read all orders of the
        session, 100,000 of them for a few hundred waves.

        :param sessions: SQL of a table of session ids
        """
        return SQL(
            """(
                WITH RECURSIVE part(session_id, wave_id) AS (
                    SELECT session.id, (
                           SELECT min(wave_id) FROM channel_order
                            WHERE session_id = session.id AND wave_id IS NOT NULL)
                      FROM %s AS session(id)
                    UNION ALL
                    SELECT part.session_id, (
                           SELECT min(next.wave_id) FROM channel_order next
                            WHERE next.session_id = part.session_id
                              AND next.wave_id > part.wave_id)
                      FROM part WHERE part.wave_id IS NOT NULL)
                SELECT session_id, wave_id FROM part WHERE wave_id IS NOT NULL
            )""",
            sessions,
        )

    # -- buttons -------------------------------------------------------------------------------

    def action_view_waves(self):
        """The waves with orders of the sessions."""
        return self._wave_list("channel.wave", "session_ids", self.env._("Waves"))

    def action_view_parcels(self):
        """The parcels with orders of the sessions."""
        return self._wave_list("channel.parcel", "order_ids.session_id", self.env._("Parcels"))

    def action_view_deliveries(self):
        """The deliveries of the sessions' waves in Inventory."""
        return self._wave_list(
            "stock.picking", "channel_wave_id.session_ids", self.env._("Deliveries")
        )

    def action_view_invoices(self):
        """The invoices of the sessions' waves."""
        return self._wave_list(
            "account.move", "channel_wave_id.session_ids", self.env._("Invoices")
        )

    def _wave_list(self, model, path, name):
        """Show records of a model by a path that the database follows: no list of ids."""
        return self.env["channel.wave"]._list_action(model, [(path, "in", self.ids)], name)
