{
    "name": "Channel Replacements",
    "summary": "New goods for exchanges and resends: picked, sent, told to the platform",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_returns"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "data/ir_sequence.xml",
        "wizard/channel_replacement_send_views.xml",
        "views/channel_replacement_views.xml",
        "views/channel_aftersale_views.xml",
        "views/menus.xml",
    ],
    "installable": True,
}
