"""Pure code: imports nothing from Odoo, money is integer fen, times are unix seconds (UTC)."""
