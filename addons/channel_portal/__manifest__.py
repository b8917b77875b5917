{
    "name": "Channel Portal",
    "summary": "Dealers see their deposits, statements and confirmations, on a phone too",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_deposit", "portal"],
    "data": [
        "views/home_templates.xml",
        "views/deposit_templates.xml",
    ],
    "installable": True,
}
