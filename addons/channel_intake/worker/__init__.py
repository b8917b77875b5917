"""Processes of their own: the fetcher asks platforms for what was pushed, materialisers turn what is
stored into orders.

Started by ``odoo materialise`` (``cli/materialise.py``). Without them queued jobs do the same work
once a minute.
"""
