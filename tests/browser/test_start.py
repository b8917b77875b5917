"""After a start every role can sign in and sees its first screen, and no log has an error."""

import pytest

STORY_ORDERS = 200
ROLES = ["boss", "finance", "warehouse", "sales", "manager", "operator", "integration"]


@pytest.mark.parametrize("login", ROLES)
def test_a_role_signs_in(page, login):
    desk = page(login)
    desk.goto("/odoo")
    desk.wait_for_selector(".o_main_navbar")


def test_the_dealer_signs_in_to_the_portal(page):
    desk = page("dealer", size="phone")
    desk.goto("/my")
    desk.wait_for_selector("#wrapwrap")


def test_in_chinese(page):
    desk = page("boss", "zh_CN")
    desk.goto("/odoo/channel-orders")
    desk.wait_for_selector(".o_control_panel_breadcrumbs >> text=终端订单")
    page.shot(desk, "home_zh_CN")


def test_the_bundles_of_these_screens_were_there(odoo_server):
    """Templates of databases have them; else each module's first page takes half a minute."""
    log = (odoo_server.logs / "web.log").read_text()
    assert "GET /odoo" in log and "GET /my" in log
    assert [line for line in log.splitlines() if "Generating a new asset bundle" in line] == []


def test_no_log_has_an_error(odoo_server):
    assert odoo_server.log_errors() == {}
