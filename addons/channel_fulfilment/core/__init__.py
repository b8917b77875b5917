"""Pure decisions of fulfilment: nothing here imports odoo; money is int fen."""
