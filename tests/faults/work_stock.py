"""What scenarios do about the stock that the platform is told."""

from __future__ import annotations

import time

from odoo import fields

from odoo.addons.channel_intake.worker.materialiser import Materialiser


def tell_stock(env):
    """The shop tells the stock of its SKUs from now on."""
    env["channel.shop"].search([("code", "=", "LIVE")]).stock_source = "quota"


def all_is_read(env):
    """As if the platform's orders had been read up to now, and a while further."""
    moment = fields.Datetime.add(fields.Datetime.now(), minutes=10)
    env["channel.shop"].search([("code", "=", "LIVE")]).write(
        {"pull_orders_cursor": moment, "pull_aftersales_cursor": moment}
    )


def raise_quota(env, pool, units):
    env["channel.pool"].browse(pool)._add_quota(units)


def tell(env):
    """What the worker does until it would wait."""
    env["channel.platform.stock"].search([]).write({"next_attempt": False})
    env.cr.commit()
    while env["channel.platform.stock"]._round():
        env.cr.commit()


def tell_for_good(env):
    """The worker's own loop, until it is killed."""
    from odoo.addons.channel_platform_stock.worker.teller import StockTeller

    env.cr.commit()
    StockTeller(env.cr.dbname).run()


def sell_out(env):
    """Materialise what is stored. :return: real unix seconds just after the commit"""
    worker = Materialiser(env.cr.dbname, 100)
    env.cr.commit()
    while worker.work():
        pass
    return time.time()
