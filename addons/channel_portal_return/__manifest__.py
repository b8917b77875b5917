{
    "name": "Channel Portal: Returns",
    "summary": "Dealers ask for returns and exchanges in the portal, on a phone too",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_portal", "channel_sale_return"],
    "data": ["views/return_templates.xml"],
    "installable": True,
    "auto_install": True,
}
