{
    "name": "Bench: a push through Odoo's own HTTP stack",
    "summary": "What scripts/bench intake compares the gateway with; never installed",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_intake"],
    "installable": True,
}
