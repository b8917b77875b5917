{
    "name": "Channel Livestream Fulfilment",
    "summary": "From a session to its waves, parcels, deliveries and invoices, and back",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_livestream", "channel_fulfilment"],
    "data": [
        "views/channel_session_views.xml",
        "views/channel_wave_views.xml",
    ],
    "installable": True,
    "auto_install": True,
}
