from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import FulfilmentCommon

JOB = "odoo.addons.channel_fulfilment.models.channel_wave_job"
HAND_OVER = "odoo.addons.channel_fulfilment.models.channel_manifest_handover"
WIZARD = "odoo.addons.channel_fulfilment.wizard.channel_wave_build"


@tagged("post_install", "-at_install")
class TestBackground(FulfilmentCommon):
    """What is large goes on in jobs, and the person who asked for it hears how it went."""

    def setUp(self):
        super().setUp()
        for place in (HAND_OVER, WIZARD):
            limit = patch(f"{place}.ORDERS_AT_ONCE", 2)
            limit.start()
            self.addCleanup(limit.stop)
        self.said = []
        users = type(self.env["res.users"])
        bus = patch.object(users, "_bus_send", self._hear)
        bus.start()
        self.addCleanup(bus.stop)

    def _hear(self, kind, message, **_kwargs):
        if kind == "simple_notification":
            self.said.append(message)

    def _as_warehouse(self, model):
        return (
            self.env[model]
            .with_user(self.users["warehouse"])
            .with_context(allowed_company_ids=self.company.ids)
        )

    def _manifest(self):
        return self._as_warehouse("channel.manifest").create(
            {
                "carrier_id": self.carrier.id,
                "warehouse_id": self.warehouse_1.id,
                "company_id": self.company.id,
            }
        )

    def _run(self, trap):
        """Run the jobs queued now, with the rights of who queued them."""
        jobs = list(trap.enqueued_jobs)
        trap.enqueued_jobs.clear()
        for job in jobs:
            job.perform()
        self.env.invalidate_all()
        return len(jobs)

    def test_many_waves_are_built_a_few_a_job(self):
        self.rule.write({"max_orders": 1, "hot_first": False})
        orders = self.make_orders(5)
        wizard = self._as_warehouse("channel.wave.build").create({})
        with trap_jobs() as trap, patch(f"{JOB}.WAVES_PER_JOB", 2):
            answer = wizard.action_build()
            self.assertEqual(answer["tag"], "display_notification")
            self.assertEqual(set(orders.mapped("stage")), {"allocated"})
            jobs = 0
            while done := self._run(trap):
                jobs += done
        self.assertEqual(jobs, 3)
        self.assertEqual(set(orders.mapped("stage")), {"waved"})
        self.assertEqual(len(orders.wave_id), 5)
        self.assertEqual(len(self.Wave.search(answer["params"]["next"]["domain"])), 5)
        [message] = self.said
        self.assertEqual(message["type"], "success")
        self.assertIn("5 waves", message["message"])

    def test_few_orders_are_built_at_once(self):
        self.make_orders(2)
        with trap_jobs() as trap:
            self._as_warehouse("channel.wave.build").create({}).action_build()
            trap.assert_jobs_count(0)

    def test_a_build_that_fails_stays_visible(self):
        self.make_orders(3)
        wizard = self._as_warehouse("channel.wave.build").create({})
        with trap_jobs() as trap:
            wizard.action_build()
            self.shop.clearing_partner_id = False
            self._run(trap)
            trap.assert_jobs_count(0)
        self.assertFalse(self.Wave.search([("shop_id", "=", self.shop.id)]))
        [message] = self.said
        self.assertEqual((message["type"], message["sticky"]), ("danger", True))
        self.assertIn("no clearing partner", message["message"])
        activity = self.rule.activity_ids
        self.assertEqual(activity.user_id, self.users["warehouse"])
        self.assertIn("no clearing partner", activity.note)

    def test_a_large_hand_over_goes_on_in_a_job(self):
        orders = self.make_orders(3)
        self.pack_all(self.build())
        manifest = self._manifest()
        with trap_jobs() as trap:
            manifest.action_hand_over()
            self.env.invalidate_all()
            self.assertEqual(manifest.state, "handing")
            self.assertEqual(set(orders.mapped("stage")), {"packed"})
            with self.assertRaisesRegex(UserError, "just changed"):
                manifest.action_hand_over()
            with self.assertRaisesRegex(UserError, "cannot change"):
                manifest.left_policy = "pool"
            self._run(trap)
        self.assertEqual(manifest.state, "handed")
        self.assertEqual(manifest.handed_by, self.users["warehouse"])
        self.assertEqual(set(orders.mapped("stage")), {"shipped"})
        self.assertIn("3 orders", self.said[-1]["message"])

    def test_a_hand_over_may_be_taken_back_until_it_begins(self):
        orders = self.make_orders(3)
        self.pack_all(self.build())
        manifest = self._manifest()
        with trap_jobs() as trap:
            manifest.action_hand_over()
            manifest.action_take_back()
            self._run(trap)
        self.assertEqual(manifest.state, "draft")
        self.assertEqual(set(orders.mapped("stage")), {"packed"})
        manifest._hand_over()
        with self.assertRaisesRegex(UserError, "handed over by"):
            manifest.action_take_back()

    def test_a_hand_over_that_fails_is_open_again_and_says_why(self):
        orders = self.make_orders(3)
        wave = self.build()
        self.pack_all(wave)
        manifest = self._manifest()
        with trap_jobs() as trap:
            manifest.action_hand_over()
            wave.picking_ids.move_ids._do_unreserve()
            self._run(trap)
        self.assertEqual(manifest.state, "draft")
        self.assertFalse(manifest.handed_at)
        self.assertEqual(set(orders.mapped("stage")), {"packed"})
        self.assertIn("ships more than its delivery holds", manifest.activity_ids.note)
        self.assertIn("ships more than", manifest.sudo().message_ids[0].body)
