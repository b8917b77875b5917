{
    "name": "Qudao Channel Suite",
    "summary": "Everything a brand needs to run its sales channels, with a demo story that plays it",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": [
        "channel_network",
        "channel_order",
        "channel_intake",
        "channel_livestream",
        "channel_fulfilment",
        "channel_dashboard",
    ],
    "data": [],
    "installable": True,
    "application": True,
}
