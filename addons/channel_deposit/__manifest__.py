{
    "name": "Channel Deposit",
    "summary": "Prepaid deposits of members: a journal that never changes, holds, credit lines",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_network", "account"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
    ],
    "installable": True,
}
