from odoo.tests import tagged

from .common import BooksCommon

MODELS = ("settlement.posting", "channel.platform.settlement.posting")


@tagged("post_install", "-at_install")
class TestAccess(BooksCommon):
    """The books are finance's."""

    def test_roles(self):
        for role in self.users:
            for name in MODELS:
                model = self.as_role(role)[name]
                with self.subTest(role=role, model=name):
                    self.assertEqual(model.has_access("read"), role in ("finance", "admin"))
                    for mode in ("write", "create", "unlink"):
                        self.assertFalse(model.has_access(mode))
