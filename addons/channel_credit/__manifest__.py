{
    "name": "Channel Credit Notes",
    "summary": "Refunds after shipment: credit notes by shop, day and wave, reconciled",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_fulfilment"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "data/ir_cron.xml",
        "views/channel_order_credit_views.xml",
        "views/channel_wave_views.xml",
        "views/menus.xml",
    ],
    "installable": True,
}
