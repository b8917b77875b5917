"""Materialisers: processes of their own that turn messages into orders as they come.

Started by ``odoo materialise`` (``cli/materialise.py``). Without them a queued job does the same
work once a minute.
"""
