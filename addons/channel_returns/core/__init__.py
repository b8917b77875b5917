"""What the returns desk decides, without Odoo."""
