{
    "name": "Channel Intake",
    "summary": "Orders from platforms, files and hand, stored before they are worked on",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_order", "queue_job"],
    "external_dependencies": {"python": ["requests", "openpyxl", "cryptography"]},
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "data/queue.xml",
        "data/cron.xml",
    ],
    "application": False,
}
