"""The push gateway: takes platforms' pushes, stores them, and only then says that it has them.

A process of its own which imports nothing from Odoo: ``python addons/channel_intake/gateway``.
Pure: ``platforms/``, ``directory``, ``intake``, ``refusals``, ``metrics``. Edges: ``wire`` (HTTP),
``store`` (PostgreSQL), ``service`` (one process), ``supervisor`` (several), ``command``.
"""
