from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Say where the after-sales stand that are not over."""
    cr.execute(
        "SELECT id FROM channel_aftersale WHERE status NOT IN ('succeeded', 'refused', 'closed')"
    )
    ids = [row[0] for row in cr.fetchall()]
    api.Environment(cr, SUPERUSER_ID, {})["channel.aftersale"]._restep(ids)
