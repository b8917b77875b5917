from . import (
    channel_platform_poster,
    channel_platform_settlement_posting,
    res_company,
    res_config_settings,
    settlement_posting,
    settlement_statement,
    settlement_terms,
)
