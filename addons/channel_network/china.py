"""The business's clock: days begin and end in China, whatever zone a user or the server has."""

from datetime import date

from odoo.tools import SQL


def today(env) -> date:
    """The day in China at the start of the transaction."""
    query = SQL("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
    return env.execute_query(query)[0][0]
