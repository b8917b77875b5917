{
    "name": "Channel Split Instructions on Statements",
    "summary": "What the payment channel cannot pay or take back stands on the party's statement",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_split_pay", "channel_statement"],
    "data": [
        "views/channel_payment_views.xml",
        "views/channel_split_message_views.xml",
        "views/settlement_share_views.xml",
    ],
    "installable": True,
    "auto_install": True,
}
