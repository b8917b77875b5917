"""Pure decisions: nothing here imports odoo."""
