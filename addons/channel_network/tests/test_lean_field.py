from odoo import fields, models
from odoo.orm.model_classes import add_to_registry
from odoo.tests import TransactionCase, tagged

from ..fields import LeanMany2one


class LeanProbe(models.Model):
    _name = "channel.test.lean.probe"
    _description = "Lean Probe"
    _register = False
    _module = "channel_network"
    _log_access = False

    partner_id = LeanMany2one("res.partner")
    user_id = fields.Many2one("res.users")


@tagged("post_install", "-at_install")
class TestLeanMany2one(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_to_registry(cls.registry, LeanProbe)
        cls.addClassCleanup(cls.registry.__delitem__, LeanProbe._name)
        cls._update()

    @classmethod
    def _update(cls):
        """What -i and -u do with the model."""
        cls.registry._setup_models__(cls.env.cr, [LeanProbe._name])
        cls.registry.init_models(
            cls.env.cr,
            [LeanProbe._name],
            {"module": "channel_network", "update_custom_fields": False},
        )

    def _foreign_keys(self):
        self.env.cr.execute(
            """
            SELECT a.attname FROM pg_constraint c
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.contype = 'f' AND c.conrelid = 'channel_test_lean_probe'::regclass
            """
        )
        return {name for (name,) in self.env.cr.fetchall()}

    def test_only_the_plain_field_has_a_foreign_key(self):
        keys = self._foreign_keys()
        self.assertIn("user_id", keys)
        self.assertNotIn("partner_id", keys)

    def test_an_update_adds_no_key_and_drops_an_old_one(self):
        self.env.cr.execute(
            "ALTER TABLE channel_test_lean_probe ADD CONSTRAINT old_plain_key"
            " FOREIGN KEY (partner_id) REFERENCES res_partner (id) ON DELETE SET NULL"
        )
        self.assertIn("partner_id", self._foreign_keys())
        self._update()
        keys = self._foreign_keys()
        self.assertIn("user_id", keys)
        self.assertNotIn("partner_id", keys)

    def test_it_reads_and_searches_as_a_many2one(self):
        partner = self.env["res.partner"].create({"name": "Lean"})
        probe = self.env[LeanProbe._name].create({"partner_id": partner.id})
        probe.flush_recordset()
        probe.invalidate_recordset()
        self.assertEqual(probe.partner_id.name, "Lean")
        self.assertEqual(
            self.env[LeanProbe._name].search([("partner_id.name", "=", "Lean")]), probe
        )

    def test_a_deleted_target_reads_as_empty_in_a_list(self):
        partner = self.env["res.partner"].create({"name": "Lean"})
        probe = self.env[LeanProbe._name].create({"partner_id": partner.id})
        probe.flush_recordset()
        partner.unlink()
        self.env.invalidate_all()
        self.assertFalse(probe.read(["partner_id"])[0]["partner_id"])
