"""Work for the harness's own tests: models of Odoo's core only."""

from __future__ import annotations

import time

NAME = "fault harness"


def create_in_two_commits(env):
    """Two partners, each in a transaction of its own."""
    env["res.partner"].create({"name": f"{NAME} 1"})
    env.cr.commit()
    env["res.partner"].create({"name": f"{NAME} 2"})


def create_and_dawdle(env, seconds):
    """Create, tell the outside by a commit, create again, and take long before the commit."""
    create_in_two_commits(env)
    env.flush_all()
    time.sleep(seconds)


def names(env):
    """What is there."""
    return env["res.partner"].search([("name", "=like", f"{NAME}%")], order="id").mapped("name")


def copy_rows(env):
    """COPY counts as one statement."""
    import io

    env.cr.execute("CREATE TABLE fault_harness (n int)")
    env.cr.copy_expert("COPY fault_harness FROM STDIN", io.StringIO("1\n2\n"))


def fail(env):
    raise ValueError("on purpose")
