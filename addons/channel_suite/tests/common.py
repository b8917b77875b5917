"""What the generated tests share: which models are ours, and a user of every role."""

from functools import cache

from odoo.modules import Manifest

PREFIX = "channel_"
PASSWORD = "Qudao-test-9"

# role -> groups by external id; "public" is the database's own public user.
ROLES = {
    "finance": "channel_network.group_finance_clerk",
    "warehouse": "channel_network.group_warehouse",
    "rep": "channel_network.group_sales_rep",
    "manager": "channel_network.group_sales_manager",
    "operator": "channel_network.group_livestream_operator",
    "integration": "channel_network.group_integration_admin",
    "admin": "channel_network.group_channel_admin",
    "member": "channel_network.group_member_user",
    "employee": "base.group_user",
    "portal": "base.group_portal",
    "public": "base.group_public",
}


@cache
def our_addons():
    """Names of the installed suite's addons: every addon that this one depends on and is ours."""
    found, todo = set(), ["channel_suite"]
    while todo:
        name = todo.pop()
        if name.startswith(PREFIX) and name not in found:
            found.add(name)
            todo += Manifest.for_addon(name)["depends"]
    return frozenset(found)


def our_models(env, *, abstract=False):
    """The model classes first defined by one of our addons, by name, sorted."""
    return {
        name: env[name]
        for name in sorted(env.registry)
        if env[name]._original_module in our_addons() and (abstract or not env[name]._abstract)
    }


def role_users(env, company, partners=None):
    """One user for each role, in ``company``. ``partners``: role -> partner, for members' users."""
    users = {}
    for role, group in ROLES.items():
        if role == "public":
            users[role] = env.ref("base.public_user")
            continue
        values = {
            "name": f"Role {role}",
            "login": f"role-{role}",
            "password": PASSWORD,
            "group_ids": [(6, 0, env.ref(group).ids)],
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
        }
        if partners and role in partners:
            values["partner_id"] = partners[role].id
        users[role] = env["res.users"].with_context(no_reset_password=True).create(values)
    return users
