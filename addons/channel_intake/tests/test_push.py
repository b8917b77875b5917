from psycopg2 import errors

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..models.push_gateway import ROLE, SCHEMA_VERSION
from .common import SHOP_REF, IntakeCommon

ADMINS = ("integration", "admin")
OTHERS = ("finance", "warehouse", "sales_rep", "sales_manager", "operator", "member")
MODELS = ("channel.push", "channel.push.todo", "channel.push.refusal")


class PushCommon(IntakeCommon):
    def push(self, msg_id, shop=None, tag="101", data='{"p_id": 1}', order_ref="1"):
        """Store a push as the gateway does. :return: how many rows are new"""
        return len(
            self.env.execute_query(
                SQL(
                    "INSERT INTO channel_push (shop_id, tag, msg_id, order_ref, data, received_at)"
                    " VALUES (%s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC')"
                    " ON CONFLICT DO NOTHING RETURNING id",
                    (shop or self.shop).id,
                    tag,
                    msg_id,
                    order_ref,
                    data,
                )
            )
        )

    def refuse(self, reason="bad_signature", app="TEST", shop_ref="", times=1, minute=None):
        self.env.cr.execute(
            "INSERT INTO channel_push_refusal (minute, reason, app, shop_ref, times)"
            " VALUES (%s, %s, %s, %s, %s)",
            [
                (minute or fields.Datetime.now()).replace(second=0, microsecond=0),
                reason,
                app,
                shop_ref,
                times,
            ],
        )

    def found(self, model="channel.push", role="integration"):
        return self.as_role(role)[model].search([])


@tagged("post_install", "-at_install")
class TestPush(PushCommon):
    """What the gateway writes, and who sees it."""

    def test_a_push_waits_until_somebody_takes_it(self):
        self.assertEqual(self.push("1"), 1)
        push = self.found()
        self.assertTrue(push.is_waiting)
        self.assertEqual(push.search([("is_waiting", "=", True)]), push)
        taken = self.env.execute_query(
            SQL(
                "DELETE FROM channel_push_todo WHERE id IN"
                " (SELECT id FROM channel_push_todo ORDER BY id FOR UPDATE SKIP LOCKED)"
                " RETURNING push_id, shop_id, attempts"
            )
        )
        self.assertEqual(taken, [(push.id, self.shop.id, 0)])
        push.invalidate_recordset()
        self.assertFalse(push.is_waiting)
        self.assertEqual(push.search([("is_waiting", "=", False)]), push)

    def test_the_same_event_again_is_absorbed(self):
        self.assertEqual([self.push("1"), self.push("1"), self.push("1", tag="102")], [1, 0, 1])
        other = self.env["channel.shop"].create(
            {"name": "B", "code": "T-B", "platform": "douyin", "company_id": self.company.id}
        )
        self.assertEqual(self.push("1", shop=other), 1)
        self.assertEqual(len(self.found("channel.push.todo")), 3)

    def test_nothing_changes_a_push(self):
        self.push("1")
        for statement in (
            "UPDATE channel_push SET data = '{}'",
            "DELETE FROM channel_push",
            "TRUNCATE channel_push",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)

    def test_refusals_of_a_minute_are_one_row(self):
        minute = fields.Datetime.to_datetime("2026-11-11 12:00:00")
        for times in (1, 4):
            self.refuse(times=times, minute=minute)
        self.refuse(reason="unknown_shop", shop_ref="5", minute=minute)
        found = self.found("channel.push.refusal")
        self.assertEqual(
            sorted((r.reason, r.app, r.shop_ref or "", r.times) for r in found),
            [("bad_signature", "TEST", "", 5), ("unknown_shop", "TEST", "5", 1)],
        )

    def test_old_counts_are_forgotten(self):
        self.refuse(minute=fields.Datetime.to_datetime("2020-01-01 00:00:00"))
        self.refuse()
        self.env["channel.push.refusal"]._gc_old()
        self.assertEqual(len(self.found("channel.push.refusal")), 1)

    def test_the_shop_shows_what_came_and_what_was_refused(self):
        self.push("1")
        self.refuse(times=3)
        self.refuse(reason="unknown_shop", app="test", shop_ref=SHOP_REF)
        for app, shop_ref in (("OTHER", ""), ("TEST", "another shop"), ("", "")):
            self.refuse(app=app, shop_ref=shop_ref, times=50)
        self.refuse(minute=fields.Datetime.to_datetime("2020-01-01 00:00:00"), times=50)
        shop = self.as_role("integration")["channel.shop"].browse(self.shop.id)
        self.assertEqual(shop.last_push, self.found().received_at)
        self.assertEqual((shop.push_waiting_count, shop.push_refused_count), (1, 4))
        self.assertFalse(self.file_shop.last_push)
        self.assertEqual(self.file_shop.push_refused_count, 0)
        pushes = shop.action_open_pushes()
        self.assertEqual(len(shop.env["channel.push"].search(pushes["domain"])), 1)
        refusals = shop.env["channel.push.refusal"].search(shop.action_open_refusals()["domain"])
        self.assertEqual(sum(refusals.mapped("times")), 54)

    def test_a_list_of_many_shops_is_one_query(self):
        shops = self.shop | self.file_shop
        shops.mapped("name")
        self.env.flush_all()
        with self.assertQueryCount(1):
            shops.mapped("push_refused_count")

    def test_integration_admins_read(self):
        self.push("1")
        self.refuse()
        for role in ADMINS:
            for model in MODELS:
                with self.subTest(role=role, model=model):
                    self.assertEqual(len(self.found(model, role)), 1)
        for role in OTHERS:
            for model in MODELS:
                with self.subTest(role=role, model=model), self.assertRaises(AccessError):
                    self.found(model, role)

    def test_nobody_writes(self):
        for role in (*ADMINS, *OTHERS):
            for model in MODELS:
                for operation in ("create", "write", "unlink"):
                    with self.subTest(role=role, model=model, operation=operation):
                        self.assertFalse(self.as_role(role)[model].has_access(operation))

    def test_pushes_of_another_company_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other brand"})
        shop = self.env["channel.shop"].create(
            {"name": "X", "code": "X", "platform": "douyin", "company_id": other.id}
        )
        self.push("1", shop=shop)
        for model in ("channel.push", "channel.push.todo"):
            self.assertFalse(self.found(model))

    def test_what_was_said_about_the_receiver_is_not_shown(self):
        self.push("1", data='{"p_id": 7, "post_receiver": "李四", "encrypt_tel": "$$x"}')
        push = self.found()
        self.assertIn("7", push.data_shown)
        self.assertNotIn("李四", push.data_shown)
        self.assertNotIn("$$x", push.data_shown)
        with self.assertRaises(AccessError):
            push.read(["data"])


@tagged("post_install", "-at_install")
class TestGatewayRole(PushCommon):
    """The gateway's role may insert what it is there for, and nothing else."""

    def setUp(self):
        super().setUp()
        self.env.cr.execute(
            "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        if not self.env.cr.fetchone()[0]:
            self.skipTest("this database's user may not create roles")
        if not self.env["channel.gateway"]._grant():
            self.env.cr.execute(SQL("CREATE ROLE %s LOGIN", SQL.identifier(ROLE)))
        self.assertTrue(self.env["channel.gateway"]._grant())

    def test_rights_are_exactly_these(self):
        """Of every table, column, sequence and function outside PostgreSQL's own schemas."""
        self.env.cr.execute(
            """
            SELECT c.relname, p.kind FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
             CROSS JOIN unnest(%(rights)s) p(kind)
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
               AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
               AND (has_table_privilege(%(role)s, c.oid, p.kind)
                    OR p.kind IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                       AND has_any_column_privilege(%(role)s, c.oid, p.kind))
             ORDER BY 1, 2
            """,
            {
                "role": ROLE,
                "rights": [
                    "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER",
                ],
            },
        )  # fmt: skip
        self.assertEqual(
            self.env.cr.fetchall(),
            [
                ("channel_gateway_schema", "SELECT"),
                ("channel_gateway_shop", "SELECT"),
                ("channel_push", "INSERT"),
                ("channel_push_refusal", "INSERT"),
            ],
        )
        self.env.cr.execute(
            """
            SELECT c.relname FROM pg_class c WHERE c.relkind = 'S'
               AND (has_sequence_privilege(%(role)s, c.oid, 'USAGE')
                    OR has_sequence_privilege(%(role)s, c.oid, 'SELECT')
                    OR has_sequence_privilege(%(role)s, c.oid, 'UPDATE')) ORDER BY 1
            """,
            {"role": ROLE},
        )
        self.assertEqual(
            [name for (name,) in self.env.cr.fetchall()],
            ["channel_push_id_seq", "channel_push_refusal_id_seq"],
        )
        self.env.cr.execute(
            """
            SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prosecdef
               AND has_function_privilege(%s, p.oid, 'EXECUTE')
            """,
            [ROLE],
        )
        self.assertEqual(self.env.cr.fetchall(), [], "functions that run with others' rights")

    def test_it_inserts(self):
        self.env.cr.execute(SQL("SET LOCAL ROLE %s", SQL.identifier(ROLE)))
        insert = (
            "INSERT INTO channel_push (shop_id, tag, msg_id, order_ref, data, received_at)"
            " VALUES (%s, '101', '1', '1', '{}', now()) ON CONFLICT DO NOTHING"
        )
        rows = []
        for _time in range(2):
            self.env.cr.execute(insert, [self.shop.id])
            rows.append(self.env.cr.rowcount)
        self.refuse()
        self.refuse()
        self.env.cr.execute("SELECT shop_ref, credential_ref FROM channel_gateway_shop")
        self.assertIn((SHOP_REF, "TEST"), self.env.cr.fetchall())
        self.env.cr.execute("SELECT version FROM channel_gateway_schema")
        self.assertEqual(self.env.cr.fetchall(), [(SCHEMA_VERSION,)])
        self.env.cr.execute("RESET ROLE")
        self.assertEqual(rows, [1, 0])
        self.assertEqual(len(self.found("channel.push.todo")), 1)
        self.assertEqual(self.found("channel.push.refusal").times, 2)

    def test_everything_else_is_refused(self):
        self.push("1")
        for statement in (
            "SELECT data FROM channel_push",
            "SELECT id FROM channel_push",
            "INSERT INTO channel_push (shop_id, tag, msg_id, data, received_at)"
            " VALUES (1, '1', '2', '{}', now()) RETURNING id",
            "UPDATE channel_push_todo SET attempts = 1",
            "DELETE FROM channel_push_todo",
            "INSERT INTO channel_push_todo (id, push_id) VALUES (9, 9)",
            "SELECT 1 FROM channel_shop",
            "SELECT 1 FROM channel_order",
            "SELECT 1 FROM res_users",
            "UPDATE channel_push_refusal SET times = 9",
            "DELETE FROM channel_gateway_shop",
            "SELECT setval('channel_push_id_seq', 1)",
            f"SELECT channel_gateway_grant('{ROLE}')",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(errors.InsufficientPrivilege),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(SQL("SET LOCAL ROLE %s", SQL.identifier(ROLE)))
                self.env.cr.execute(statement)

    def test_only_connected_active_shops_are_shown(self):
        def shown():
            self.env.flush_all()
            self.env.cr.execute(
                "SELECT shop_ref FROM channel_gateway_shop WHERE shop_id = %s", [self.shop.id]
            )
            return [ref for (ref,) in self.env.cr.fetchall()]

        self.assertEqual(shown(), [SHOP_REF])
        self.shop.credential_ref = False
        self.assertEqual(shown(), [])
        self.shop.credential_ref = "TEST"
        self.shop.active = False
        self.assertEqual(shown(), [])
