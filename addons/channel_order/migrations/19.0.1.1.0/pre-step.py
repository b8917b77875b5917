def migrate(cr, _version):
    """After-sales that are over keep it so: the column is there before Odoo would fill it."""
    cr.execute("ALTER TABLE channel_aftersale ADD COLUMN IF NOT EXISTS step varchar")
    cr.execute(
        """
        UPDATE channel_aftersale
           SET step = CASE status WHEN 'succeeded' THEN 'done' WHEN 'refused' THEN 'refused'
                                  WHEN 'closed' THEN 'closed' ELSE 'request' END
         WHERE step IS NULL
        """
    )
