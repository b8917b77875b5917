"""Until now there was only the arithmetic: what has left waits for its split."""

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    api.Environment(cr, SUPERUSER_ID, {})["settlement.todo"]._fill()
