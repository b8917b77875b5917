from odoo import api, models
from odoo.tools import SQL

# What the gateway (gateway/store.py) needs to find; raise both when they no longer fit.
SCHEMA_VERSION = 1
ROLE = "qudao_gateway"

# Views show the gateway what it may know: no secret is in the database, no name of a shop needed.
VIEWS = """
CREATE OR REPLACE VIEW channel_gateway_shop AS
    SELECT id AS shop_id, platform::text AS platform, platform_shop_ref::text AS shop_ref,
           credential_ref::text AS credential_ref
      FROM channel_shop
     WHERE active AND platform_shop_ref <> '' AND credential_ref <> '';
CREATE OR REPLACE VIEW channel_gateway_schema AS SELECT {version} AS version;
"""

TELL = """
CREATE OR REPLACE FUNCTION channel_gateway_tell() RETURNS trigger LANGUAGE plpgsql AS $tell$
BEGIN
    PERFORM pg_notify('channel_gateway', '');
    RETURN NULL;
END $tell$;
CREATE OR REPLACE TRIGGER channel_gateway_tell
    AFTER INSERT OR DELETE OR UPDATE OF platform, platform_shop_ref, credential_ref, active
    ON channel_shop FOR EACH STATEMENT EXECUTE FUNCTION channel_gateway_tell();
"""

GRANT = """
CREATE OR REPLACE FUNCTION channel_gateway_grant(gateway regrole) RETURNS void
    LANGUAGE plpgsql AS $grant$
BEGIN
    EXECUTE format(
        'GRANT INSERT (shop_id, tag, msg_id, order_ref, aftersale_ref, data, received_at)'
        ' ON channel_push TO %1$s;'
        'GRANT INSERT (minute, reason, app, shop_ref, times) ON channel_push_refusal TO %1$s;'
        'GRANT USAGE ON channel_push_id_seq, channel_push_refusal_id_seq TO %1$s;'
        'GRANT SELECT ON channel_gateway_shop, channel_gateway_schema TO %1$s', gateway);
END $grant$;
REVOKE ALL ON FUNCTION channel_gateway_grant(regrole) FROM PUBLIC;
"""


class ChannelGateway(models.AbstractModel):
    """What the push gateway sees of this database, and what it may do in it."""

    _name = "channel.gateway"
    _description = "Push gateway"

    @api.model
    def init(self):
        for statement in (VIEWS.format(version=SCHEMA_VERSION), TELL, GRANT):
            self.env.cr.execute(statement)
        self._grant()

    @api.model
    def _grant(self) -> bool:
        """Give the gateway's role its few rights, when the role exists.

        :return: whether it exists
        """
        found = self.env.execute_query(SQL("SELECT to_regrole(%s) IS NOT NULL", ROLE))
        if found == [(True,)]:
            self.env.cr.execute("SELECT channel_gateway_grant(%s)", [ROLE])
            return True
        return False
