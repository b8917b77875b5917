{
    "name": "Channel Reconciliation",
    "summary": "Bills of payment channels, platforms and banks, checked against the books",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_platform_settlement", "channel_split_pay"],
    "external_dependencies": {"python": ["mt-940"]},
    "installable": False,  # until its models are there
}
