{
    "name": "Channel Returns",
    "summary": "Return parcels, the returns desk, parcels without owner, returns into stock",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_fulfilment"],
    "data": [],
    "installable": True,
}
