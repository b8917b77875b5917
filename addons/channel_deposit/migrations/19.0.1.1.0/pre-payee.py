def migrate(cr, _version):
    """Refunds approved before name no payee: the column is there before Odoo would fill it."""
    cr.execute("ALTER TABLE channel_deposit_request ADD COLUMN IF NOT EXISTS payee_bank_id int4")
