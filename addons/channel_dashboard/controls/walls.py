"""Control 10: a member's user sees its own branch; a record stays in the company of its shop."""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .base import Check, Row

_lt = LazyTranslate(__name__)

MEMBER_GROUP = "channel_network.group_member_user"
# Read by every member alike: the regions of China are nobody's.
SHARED_MODELS = ("channel.territory",)
INSIDE_GROUPS = (
    "base.group_user",
    "channel_network.group_finance_clerk",
    "channel_network.group_warehouse",
    "channel_network.group_sales_rep",
    "channel_network.group_livestream_operator",
    "channel_network.group_integration_admin",
    "channel_network.group_channel_admin",
)


def _order_not_its_shops(_env):
    return SQL(
        """
        SELECT o.id AS res_id, o.company_id,
               jsonb_build_object('order', o.order_ref, 'shop', shop.name) AS data
          FROM channel_order AS o JOIN channel_shop AS shop ON shop.id = o.shop_id
         WHERE o.company_id IS DISTINCT FROM shop.company_id
            OR o.member_id IS DISTINCT FROM shop.member_id
        """
    )


def _line_of_another_shop(_env):
    return SQL(
        """
        SELECT o.id AS res_id, o.company_id,
               jsonb_build_object('order', o.order_ref, 'line', line.line_ref) AS data
          FROM channel_order_line AS line
          JOIN channel_pool AS pool ON pool.id = line.pool_id
          JOIN channel_order AS o ON o.id = line.order_id
         WHERE pool.shop_id <> o.shop_id
        """
    )


def _pool_company(_env):
    return SQL(
        """
        SELECT pool.id AS res_id, shop.company_id,
               jsonb_build_object('shop', shop.name, 'fulfiller', f.name) AS data
          FROM channel_pool AS pool
          JOIN channel_shop AS shop ON shop.id = pool.shop_id
          LEFT JOIN channel_pool_quota AS q ON q.pool_id = pool.id
          LEFT JOIN channel_fulfiller AS f ON f.id = q.fulfiller_id
         WHERE f.company_id <> shop.company_id OR pool.company_id <> shop.company_id
        """
    )


def _aftersale_of_another_shop(_env):
    return SQL(
        """
        SELECT a.id AS res_id, o.company_id,
               jsonb_build_object('order', o.order_ref, 'aftersale', a.aftersale_ref) AS data
          FROM channel_aftersale AS a JOIN channel_order AS o ON o.id = a.order_id
         WHERE a.shop_id <> o.shop_id
        """
    )


def _wave_of_another_company(_env):
    return SQL(
        """
        SELECT wave.id AS res_id, shop.company_id,
               jsonb_build_object('wave', wave.name, 'shop', shop.name) AS data
          FROM channel_wave AS wave
          JOIN channel_shop AS shop ON shop.id = wave.shop_id
          LEFT JOIN sale_order AS sale ON sale.id = wave.sale_id
         WHERE wave.company_id <> shop.company_id OR sale.company_id <> shop.company_id
        """
    )


def _nested_member_partner(_env):
    return SQL(
        """
        SELECT member.id AS res_id, member.company_id,
               jsonb_build_object('member', partner.name) AS data
          FROM channel_member AS member JOIN res_partner AS partner ON partner.id = member.partner_id
         WHERE partner.parent_id IS NOT NULL OR NOT partner.is_company
            OR partner.commercial_partner_id <> partner.id
        """
    )


def _member_path(_env):
    return SQL(
        """
        SELECT member.id AS res_id, member.company_id,
               jsonb_build_object('member', partner.name) AS data
          FROM channel_member AS member
          JOIN res_partner AS partner ON partner.id = member.partner_id
          LEFT JOIN channel_member AS parent ON parent.id = member.parent_id
         WHERE member.parent_path IS DISTINCT FROM
               coalesce(parent.parent_path, '') || member.id::text || '/'
            OR parent.company_id <> member.company_id
        """
    )


def _user_of_several_members(_env):
    return SQL(
        """
        SELECT users.id AS res_id, users.company_id,
               jsonb_build_object('login', users.login, 'members', count(member.id)) AS data
          FROM res_users AS users
          JOIN res_partner AS partner ON partner.id = users.partner_id
          JOIN channel_member AS member ON member.partner_id = partner.commercial_partner_id
         WHERE users.active
         GROUP BY users.id HAVING count(member.id) > 1
        """
    )


def _member_user_inside(env, _limit):
    """Users of a member who also hold an internal right, or an outsider with a channel role."""
    member_users = env.ref(MEMBER_GROUP).all_user_ids
    internal = env["res.groups"].browse([env.ref(xmlid).id for xmlid in INSIDE_GROUPS])
    for user in member_users.filtered("active"):
        if not user.share or user.all_group_ids & internal:
            yield Row(user.id, user.company_id.id, {"login": user.login})
    outsiders = internal.all_user_ids.filtered(lambda user: user.active and user.share)
    for user in outsiders - member_users:
        yield Row(user.id, user.company_id.id, {"login": user.login})


def _unguarded_models(env, _limit):
    """Models of ours a member's user may read although no record rule narrows them to its branch."""
    member = env.ref(MEMBER_GROUP)
    readable = (member | member.all_implied_ids).model_access.filtered(
        lambda access: access.perm_read and access.model_id.model.startswith("channel.")
    )
    rules = (member | member.all_implied_ids).rule_groups
    guarded = rules.filtered("perm_read").model_id
    shared = env["ir.model"].sudo().search([("model", "in", SHARED_MODELS)])
    for model in readable.model_id - guarded - shared:
        yield Row(model.id, None, {"model": model.model})


CHECKS = (
    Check(
        "order_wall",
        "channel.order",
        _lt("Order %(order)s belongs to another company or member than its shop %(shop)s."),
        query=_order_not_its_shops,
    ),
    Check(
        "line_wall",
        "channel.order",
        _lt("Line %(line)s of order %(order)s takes units of another shop's offer."),
        query=_line_of_another_shop,
    ),
    Check(
        "pool_wall",
        "channel.pool",
        _lt("This offer of shop %(shop)s is shipped by %(fulfiller)s of another company."),
        query=_pool_company,
    ),
    Check(
        "aftersale_wall",
        "channel.aftersale",
        _lt("After-sale %(aftersale)s came from another shop than order %(order)s."),
        query=_aftersale_of_another_shop,
    ),
    Check(
        "wave_wall",
        "channel.wave",
        _lt("Wave %(wave)s is in another company than its shop %(shop)s."),
        query=_wave_of_another_company,
    ),
    Check(
        "member_partner",
        "channel.member",
        _lt("The contact of member %(member)s is not a company of its own: portal users leak."),
        query=_nested_member_partner,
    ),
    Check(
        "member_path",
        "channel.member",
        _lt("Member %(member)s stands at a wrong place of the tree, or under another company."),
        query=_member_path,
    ),
    Check(
        "user_members",
        "res.users",
        _lt("User %(login)s stands for %(members)s members at once."),
        query=_user_of_several_members,
    ),
    Check(
        "member_user_inside",
        "res.users",
        _lt("User %(login)s is an outside user with an inside role, or the other way round."),
        find=_member_user_inside,
    ),
    Check(
        "model_unguarded",
        "ir.model",
        _lt("Members' users may read %(model)s, and no rule keeps them to their own branch."),
        find=_unguarded_models,
    ),
)
