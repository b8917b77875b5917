from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from .common import SimulatorCommon


@tagged("post_install", "-at_install")
class TestJobs(SimulatorCommon):
    """The cron queues what is due, once; the jobs do it."""

    def _cron(self):
        with trap_jobs() as trap:
            self.env["channel.shop"]._cron_intake()
            return trap, {job.identity_key for job in trap.enqueued_jobs}

    def test_a_pull_is_queued_for_each_shop_once(self):
        with trap_jobs() as trap:
            self.env["channel.shop"]._cron_intake()
            self.env["channel.shop"]._cron_intake()
            keys = [job.identity_key for job in trap.enqueued_jobs]
        self.assertEqual(keys.count(f"channel_intake.pull.{self.shop.id}"), 1)
        self.assertNotIn(f"channel_intake.pull.{self.file_shop.id}", keys)

    def test_a_shop_that_failed_waits_for_its_time(self):
        self.shop.next_pull = fields.Datetime.now() + timedelta(minutes=5)
        _trap, keys = self._cron()
        self.assertNotIn(f"channel_intake.pull.{self.shop.id}", keys)
        self.shop.next_pull = fields.Datetime.now() - timedelta(minutes=5)
        _trap, keys = self._cron()
        self.assertIn(f"channel_intake.pull.{self.shop.id}", keys)

    def test_an_archived_shop_is_not_pulled(self):
        self.shop.active = False
        _trap, keys = self._cron()
        self.assertNotIn(f"channel_intake.pull.{self.shop.id}", keys)

    def test_nothing_is_queued_when_nothing_waits(self):
        # scenarios of other addons that really commit may have left work in this database
        self.env["channel.outbox"].sudo().search([]).write({"state": "done"})
        _trap, keys = self._cron()
        self.assertNotIn("channel_intake.process", keys)
        self.assertNotIn("channel_intake.drain", keys)
        self.store(self.raw("100"))
        _trap, keys = self._cron()
        self.assertIn("channel_intake.process", keys)

    def test_from_platform_to_order_by_jobs_alone(self):
        ref = self.buy()
        with trap_jobs() as trap:
            self.env["channel.shop"]._cron_intake()
            trap.assert_enqueued_job(
                self.shop._job_pull,
                properties={"identity_key": f"channel_intake.pull.{self.shop.id}"},
            )
            self.assertEqual(self.shop._job_pull(), "1 read, 1 new.")
            trap.assert_enqueued_job(
                self.env["channel.shop"]._job_process,
                properties={"identity_key": "channel_intake.process"},
            )
            self.assertEqual(self.env["channel.shop"]._job_process(), "1 messages")
        self.assertEqual(self.orders().order_ref, ref)

    def test_jobs_run_in_their_channel_and_may_commit(self):
        for model, method in (
            ("channel.shop", "_job_pull"),
            ("channel.shop", "_job_process"),
            ("channel.outbox", "_job_drain"),
        ):
            name = self.env["queue.job.function"].job_function_name(model, method)
            config = self.env["queue.job.function"].job_config(name)
            self.assertEqual(config.channel, "root.channel_intake")
            self.assertTrue(config.allow_commit)
            self.assertTrue(config.retry_pattern)

    def test_a_missing_data_key_is_tried_again_not_lost(self):
        self.store(self.raw("100"))
        vault = type(self.env["channel.vault"])
        with (
            patch.object(vault, "_vault", side_effect=UserError("no key")),
            self.assertRaises(RetryableJobError),
            self.env.cr.savepoint(),
        ):
            self.env["channel.shop"]._job_process()
        self.assertEqual(len(self.todo()), 1)

    def test_buttons_queue_the_jobs(self):
        shop = self.shop.with_user(self.users["integration"])
        self.store(self.raw("100"))
        self.env.cr.execute("UPDATE channel_message_todo SET next_attempt = '2100-01-01'")
        with trap_jobs() as trap:
            shop.action_pull_now()
            shop.action_process_now()
            keys = {job.identity_key for job in trap.enqueued_jobs}
        self.assertIn(f"channel_intake.pull.{self.shop.id}", keys)
        self.assertIn("channel_intake.process", keys)
