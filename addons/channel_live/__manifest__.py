{
    "name": "Channel Live",
    "summary": "The cockpit as it happens: one summary for all screens, rates, time left",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_livestream", "channel_intake", "bus"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
    ],
    "assets": {
        "web.assets_backend": ["channel_live/static/src/**/*"],
    },
    "installable": True,
    "auto_install": ["channel_livestream", "channel_intake"],
}
