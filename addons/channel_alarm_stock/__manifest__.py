{
    "name": "Channel Alarm Stock",
    "summary": "An alarm when a platform shows another stock than ours",
    "version": "19.0.1.0.0",
    "category": "Channel",
    "author": "Qudao",
    "license": "LGPL-3",
    "depends": ["channel_alarm", "channel_platform_stock"],
    "data": [],
    "installable": True,
    "auto_install": True,
}
