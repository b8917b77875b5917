def migrate(cr, _version):
    """Read the newest message of each open after-sale again: it tells units, deadline, waybill."""
    cr.execute(
        """
        INSERT INTO channel_message_todo (message_id, attempts, next_attempt)
        SELECT DISTINCT ON (m.shop_id, m.ref) m.id, 0, now() AT TIME ZONE 'UTC'
          FROM channel_message m
          JOIN channel_aftersale a ON a.shop_id = m.shop_id AND a.aftersale_ref = m.ref
         WHERE m.kind = 'aftersale' AND a.status NOT IN ('succeeded', 'refused', 'closed')
         ORDER BY m.shop_id, m.ref, m.updated_at DESC, m.id DESC
            ON CONFLICT (message_id) DO NOTHING
        """
    )
