from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from odoo.addons.channel_fulfilment.tests.common import FulfilmentCommon

READERS = ("operator", "warehouse", "finance", "sales_manager", "integration", "admin")


@tagged("post_install", "-at_install")
class TestLinks(FulfilmentCommon):
    """Friday sells TEA, Sunday sells CUP; RICE is on offer outside any session."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.friday = cls._session("Friday Evening", "TEA", room_ref="r1")
        cls.sunday = cls._session("Sunday Morning", "CUP", room_ref="r2")
        cls.empty = cls._session("Empty", room_ref="r3")

    @classmethod
    def _session(cls, name, *skus, **values):
        return cls.env["channel.session"].create(
            {
                "name": name,
                "shop_id": cls.shop.id,
                "state": "open",
                "item_ids": [Command.create({"pool_id": cls.pools[sku].id}) for sku in skus],
                **values,
            }
        )

    def counts(self, session):
        """(waves, parcels, deliveries, invoices)"""
        session.invalidate_recordset()
        return (
            session.wave_count, session.parcel_count, session.picking_count, session.invoice_count
        )  # fmt: skip

    def found(self, action, role=None):
        """The records that an action shows to a role."""
        env = self.as_role(role) if role else self.env
        return env[action["res_model"]].search(action["domain"])

    def test_a_session_counts_its_own_waves_parcels_and_documents(self):
        self.ingest(*(self.snapshot(self.line("TEA")) for _ in range(3)))
        first = self.build()
        self.ingest(
            self.snapshot(self.line("TEA")),
            self.snapshot(self.line("CUP")),
            self.snapshot(self.line("CUP")),
            self.snapshot(self.line("RICE")),
        )
        mixed = self.build()
        self.assertEqual((len(first), len(mixed)), (1, 1))
        self.assertEqual(self.counts(self.friday), (2, 4, 2, 0))
        self.assertEqual(self.counts(self.sunday), (1, 2, 1, 0))
        self.assertEqual(self.counts(self.empty), (0, 0, 0, 0))
        self.assertEqual(self.found(self.friday.action_view_waves()), first | mixed)
        self.assertEqual(self.found(self.sunday.action_view_waves()), mixed)
        parcels = self.found(self.sunday.action_view_parcels())
        self.assertEqual(parcels.order_ids.session_id, self.sunday)
        self.assertEqual(len(parcels), 2)
        pickings = self.found(self.friday.action_view_deliveries())
        self.assertEqual(pickings, (first | mixed).picking_ids)
        self.assertFalse(self.found(self.empty.action_view_waves()))

    def test_a_wave_names_its_sessions(self):
        self.ingest(self.snapshot(self.line("TEA")), self.snapshot(self.line("CUP")))
        both = self.build()
        self.ingest(self.snapshot(self.line("RICE")))
        none = self.build()
        self.assertEqual((both.session_ids, both.session_count), (self.friday | self.sunday, 2))
        self.assertEqual((none.session_count, len(none.session_ids)), (0, 0))
        self.assertEqual(self.found(both.action_view_sessions()), self.friday | self.sunday)
        self.ingest(self.snapshot(self.line("TEA")))
        one = self.build()
        self.assertEqual(one.action_view_sessions()["res_id"], self.friday.id)

    def test_waves_are_searched_by_session(self):
        self.ingest(self.snapshot(self.line("TEA")))
        tea = self.build()
        self.ingest(self.snapshot(self.line("CUP")))
        cup = self.build()
        for role in READERS:
            waves = self.as_role(role)["channel.wave"]
            for domain, wanted in (
                ([("session_ids", "=", self.friday.id)], tea),
                ([("session_ids", "in", (self.friday | self.sunday).ids)], tea | cup),
                ([("session_ids", "ilike", "sunday")], cup),
                ([("session_ids.name", "=", "Friday Evening")], tea),
                ([("session_ids", "not in", self.friday.ids), ("id", "in", (tea | cup).ids)], cup),
            ):
                self.assertEqual(waves.search(domain).sudo(False), wanted, (role, domain))

    def test_invoices_after_the_hand_over(self):
        self.ingest(self.snapshot(self.line("TEA")))
        wave = self.build()
        self.pack_all(wave)
        self.hand_over()
        self.assertEqual(self.counts(self.friday), (1, 1, 1, 1))
        invoices = self.found(self.friday.action_view_invoices(), "finance")
        self.assertEqual(invoices.channel_wave_id, wave)

    def test_every_role_sees_what_it_may(self):
        self.ingest(self.snapshot(self.line("TEA")))
        self.build()
        shown = {}
        for role in READERS:
            session = self.friday.with_user(self.users[role])
            self.assertEqual((session.wave_count, session.parcel_count), (1, 1), role)
            self.assertEqual(len(self.found(session.action_view_waves(), role)), 1)
            self.assertEqual(len(self.found(session.action_view_parcels(), role)), 1)
            arch = session.get_view(view_type="form")["arch"]
            shown[role] = {
                name for name in ("deliveries", "invoices") if f"action_view_{name}" in arch
            }
            for field, name in (("picking_count", "deliveries"), ("invoice_count", "invoices")):
                if name in shown[role]:
                    session.read([field])
                else:
                    with self.assertRaises(AccessError):
                        session.read([field])
        self.assertEqual(
            shown,
            {
                "operator": set(),
                "warehouse": {"deliveries"},
                "finance": {"invoices"},
                "sales_manager": set(),
                "integration": set(),
                "admin": {"deliveries", "invoices"},
            },
        )
        with self.assertRaises(AccessError):
            self.friday.with_user(self.users["sales_rep"]).read(["wave_count"])

    def test_a_new_session_opens_with_zeros(self):
        form = Form(self.as_role("operator")["channel.session"])
        self.assertEqual((form.wave_count, form.parcel_count), (0, 0))

    def test_waves_and_parcels_are_read_from_their_index(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        waves = self.env["channel.session"]._waves_sql(SQL("unnest(%s::int[])", self.friday.ids))
        self.env.cr.execute(SQL("EXPLAIN SELECT * FROM %s part", waves))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("using channel_order_session_", plan)
        self.assertNotIn("Seq Scan", plan)
        # for so few rows any index costs the planner the same: waves and parcels are in this one
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'channel_order_session_wave_idx'"
        )
        self.assertIn("(session_id, wave_id) INCLUDE (parcel_id)", self.env.cr.fetchone()[0])
