from odoo.tests import HttpCase, new_test_user, tagged

COUNTERS = ("deposit_count", "confirmation_count", "settlement_count", "return_count")


@tagged("post_install", "-at_install")
class TestPortalHome(HttpCase):
    """The portal's home counts for everybody who signs in, whatever they are to us."""

    def test_counters_of_whoever_signs_in(self):
        for login, group in (("nobody", "base.group_portal"), ("staff", "base.group_user")):
            new_test_user(self.env, login=login, groups=group)
            self.authenticate(login, login)
            with self.subTest(login):
                found = self.make_jsonrpc_request("/my/counters", {"counters": list(COUNTERS)})
                self.assertEqual(found, dict.fromkeys(COUNTERS, 0))
