{
    "name": "Channel Settlement",
    "summary": "Who earns what part of an order: the exact split and its clawback",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_order"],
    "installable": True,
}
