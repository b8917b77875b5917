{
    "name": "Channel Portal",
    "summary": "Dealers order and see their deposits, statements and confirmations, on a phone too",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_deposit", "channel_sale", "portal"],
    "data": [
        "views/home_templates.xml",
        "views/deposit_templates.xml",
        "views/catalogue_templates.xml",
        "views/cart_templates.xml",
        "views/order_templates.xml",
        "views/res_config_settings_views.xml",
        "views/sale_order_views.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "channel_portal/static/src/dealer_order.js",
            "channel_portal/static/src/dealer_order.scss",
        ],
    },
    "installable": True,
}
