"""Every model × every role against one table: who may read, write, create, delete."""

from odoo.tests import TransactionCase, tagged

from .access_matrix import MATRIX
from .common import ROLES, our_models, role_users

LETTERS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


@tagged("post_install", "-at_install")
class TestAccessMatrix(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = role_users(cls.env, cls.env.company)

    def test_every_model_is_in_the_table(self):
        models = set(our_models(self.env))
        self.assertEqual(
            sorted(models - set(MATRIX)), [], "Say in access_matrix.py who may do what with these."
        )
        self.assertEqual(sorted(set(MATRIX) - models), [], "These models are gone.")

    def test_table_has_every_role(self):
        for model, rights in MATRIX.items():
            self.assertEqual(list(rights), list(ROLES), model)

    def test_rights_are_those_of_the_table(self):
        wrong = []
        for model in our_models(self.env):
            for role, letters in MATRIX.get(model, {}).items():
                records = self.env[model].with_user(self.users[role]).sudo(False)
                got = "".join(
                    letter for letter, mode in LETTERS.items() if records.has_access(mode)
                )
                if got != letters:
                    wrong.append(f"{model} {role}: {got or '-'}, table says {letters or '-'}")
        self.assertEqual(wrong, [])
