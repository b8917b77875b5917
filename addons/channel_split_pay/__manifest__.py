{
    "name": "Channel Split Instructions",
    "summary": "Decisions and wire format of WeChat Pay split instructions; no models yet",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_network", "account"],
    "external_dependencies": {"python": ["cryptography"]},
    "installable": False,
}
