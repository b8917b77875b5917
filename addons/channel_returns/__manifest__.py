{
    "name": "Channel Returns",
    "summary": "Return parcels, the returns desk, parcels without owner, returns into stock",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_fulfilment"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "data/ir_sequence.xml",
        "report/codes.xml",
        "wizard/channel_defect_decide_views.xml",
        "wizard/channel_return_match_views.xml",
        "views/channel_return_batch_views.xml",
        "views/channel_return_views.xml",
        "views/stock_quant_views.xml",
        "views/res_config_settings_views.xml",
        "views/menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "channel_returns/static/src/**/*",
        ],
    },
    "installable": True,
}
