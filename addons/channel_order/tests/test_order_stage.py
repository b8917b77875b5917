import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core import stages
from ..core.snapshot import PlatformStatus
from ..models.channel_order import PLATFORM_STATUS_SELECTION, STAGE_SELECTION
from .common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderStage(OrderCommon):
    def setUp(self):
        super().setUp()
        self.ingest(self.order("A1"))
        self.a1 = self.find("A1")

    def force(self, stage):
        """Put the order at a stage by a side door: the trigger is off for this statement."""
        self.env.cr.execute("ALTER TABLE channel_order DISABLE TRIGGER channel_order_guard")
        self.env.cr.execute(
            "UPDATE channel_order SET stage = %s WHERE id = %s", (stage, self.a1.id)
        )
        self.env.cr.execute("ALTER TABLE channel_order ENABLE TRIGGER channel_order_guard")
        self.a1.invalidate_recordset()

    def raw(self, query, *params):
        """Whether the database takes a statement."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(query, params)
        except psycopg2.errors.CheckViolation:
            return False
        return True

    def test_selections_are_the_stages(self):
        self.assertEqual([key for key, _label in STAGE_SELECTION], list(stages.ALL_STAGES))
        self.assertEqual(len(PLATFORM_STATUS_SELECTION), 6)

    def test_database_allows_exactly_what_stages_allow(self):
        for put_back in (False, True):
            self.env.cr.execute(
                "SELECT set_config('channel.put_back', %s, true)", ["on" if put_back else "off"]
            )
            for before in stages.ALL_STAGES:
                for after in stages.ALL_STAGES:
                    self.force(before)
                    taken = self.raw(
                        "UPDATE channel_order SET stage = %s WHERE id = %s", after, self.a1.id
                    )
                    self.assertEqual(
                        taken,
                        stages.can_move(before, after, put_back=put_back),
                        (before, after, put_back),
                    )

    def test_database_refuses_an_older_snapshot(self):
        update = "UPDATE channel_order SET updated_at = updated_at + %s::interval WHERE id = %s"
        self.assertFalse(self.raw(update, "-1 second", self.a1.id))
        self.assertTrue(self.raw(update, "0 second", self.a1.id))
        self.assertTrue(self.raw(update, "1 second", self.a1.id))

    def test_events_are_append_only(self):
        event = self.a1.event_ids
        self.assertFalse(self.raw("DELETE FROM channel_order_event WHERE id = %s", event.id))
        self.assertFalse(
            self.raw("UPDATE channel_order_event SET note = 'x' WHERE id = %s", event.id)
        )

    def test_one_order_a_platform_number(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            self.env.cr.execute(
                """
                INSERT INTO channel_order (shop_id, company_id, currency_id, order_ref, stage,
                    platform_status, created_at, updated_at, received_at)
                SELECT shop_id, company_id, currency_id, order_ref, stage, platform_status,
                       created_at, updated_at, received_at FROM channel_order WHERE id = %s
                """,
                [self.a1.id],
            )

    def test_orders_are_not_deleted(self):
        with self.assertRaises(UserError):
            self.a1.unlink()

    def test_advance_moves_only_what_may_move(self):
        self._offer("TEA")
        self.a1.invalidate_recordset()
        self.ingest(self.order("A2", status=PlatformStatus.CANCELLED))
        both = self.a1 | self.find("A2")
        moved = self.Order._advance(both, stages.WAVED, "waved", "wave 7")
        self.assertEqual(moved, self.a1)
        self.assertEqual(self.a1.stage, stages.WAVED)
        self.assertEqual(self.kinds(self.find("A2")), ["created"])
        event = self.a1.event_ids.sorted("id")[-1]
        self.assertEqual((event.stage_from, event.stage_to, event.note),
                         ("allocated", "waved", "wave 7"))  # fmt: skip
        self.assertEqual(event.user_id, self.env.user)
        self.assertFalse(self.Order._advance(both, stages.WAVED, "waved"))

    def test_advance_back_needs_a_kind_that_says_so(self):
        self._offer("TEA")
        self.Order._advance(self.a1, stages.WAVED, "waved")
        self.assertFalse(self.Order._advance(self.a1, stages.ALLOCATED, "waved"))
        self.assertTrue(self.Order._advance(self.a1, stages.ALLOCATED, "wave_undone"))
        self.env.cr.execute("SELECT current_setting('channel.put_back', true)")
        self.assertEqual(self.env.cr.fetchone()[0], "off")

    def test_nothing_goes_forward_while_a_refund_is_asked(self):
        self._offer("TEA")
        self.ingest_aftersales(self.aftersale("R1", "A1"))
        self.assertTrue(self.find("A1").refund_open)
        self.assertFalse(self.Order._advance(self.a1, stages.WAVED, "waved"))
        self.force(stages.PACKED)
        self.assertFalse(self.Order._advance(self.a1, stages.SHIPPED, "shipped"))
        self.assertEqual(self.find("A1").stage, stages.PACKED)

    def test_put_back_to_the_queue_forgets_the_fulfiller(self):
        self._offer("TEA")
        self.a1.invalidate_recordset()
        self.assertTrue(self.a1.fulfiller_id)
        self.Order._release_units(self.a1)
        self.Order._advance(self.a1, stages.QUEUED, "put_back")
        self.assertFalse(self.a1.fulfiller_id)
        self.assertQuotasExact()
