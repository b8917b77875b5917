{
    "name": "Channel Fulfilment",
    "summary": "Waves, parcels, scan station, hand-over manifests and wave invoices",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_order", "sale_stock", "stock_delivery", "account"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "data/ir_sequence.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "channel_fulfilment/static/src/**/*",
        ],
    },
    "installable": True,
}
