"""What stands behind scripts/serve, test, bench, lint and i18n.

Everything here runs on the system's own Python before any environment exists, so it
imports nothing but the standard library. Modules that run *inside* the environment
(next to Odoo) live in ``devkit.inside``.
"""
