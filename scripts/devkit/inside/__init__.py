"""Modules that run in the environment, next to Odoo (not stdlib-only)."""
