"""The fork server: ``python -m faults.forkserver CONF DATABASE``, lines of JSON on stdin/stdout.

Loads Odoo and the registry once, closes every connection, then forks a child per run. A child
opens connections of its own, counts what it sends, and kills itself where it was told to.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

import odoo.api
import odoo.modules.registry
import odoo.sql_db
import odoo.tools
from odoo.modules.registry import Registry


class Meter:
    """Counts statements and commits of all cursors, and dies at the chosen one."""

    def __init__(self, kill: dict) -> None:
        self.kill = kill
        self.statements = 0
        self.commits = 0

    def install(self) -> None:
        cursor = odoo.sql_db.Cursor
        execute, commit = cursor.execute, cursor.commit
        meter = self

        def counted_execute(self, *args, **kwargs):
            meter.statement()
            return execute(self, *args, **kwargs)

        def counted_copy(self, *args, **kwargs):
            meter.statement()
            return self._obj.copy_expert(*args, **kwargs)

        def counted_commit(self):
            self.flush()
            if not writes(self):
                return commit(self)
            meter.commits += 1
            if meter.commits == meter.kill["before_commit"]:
                die()
            if meter.commits == meter.kill["after_commit"]:
                self._cnx.commit()
                die()
            return commit(self)

        cursor.execute = counted_execute
        cursor.copy_expert = counted_copy
        cursor.commit = counted_commit

    def statement(self) -> None:
        self.statements += 1
        if self.statements == self.kill["at_statement"]:
            die()


def writes(cursor) -> bool:
    """Whether its transaction has written: one that has only read neither begins nor ends anything.

    Without a transaction nothing is asked: the server may be gone, and nobody would notice.
    """
    if cursor._cnx.info.transaction_status == TRANSACTION_STATUS_IDLE:
        return False
    cursor._obj.execute("SELECT pg_current_xact_id_if_assigned()")
    return cursor._obj.fetchone() != (None,)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class ForkServer:
    """Answers questions until its input ends."""

    def __init__(self, database: str) -> None:
        Registry(database)
        # A forked child must not share a connection with us or a sibling.
        odoo.sql_db.close_all()
        odoo.sql_db._Pool = odoo.sql_db._Pool_readonly = None
        gc.collect()
        gc.freeze()
        self.results = Path(tempfile.mkdtemp(prefix="results-", dir=os.getcwd()))
        self.children: dict[int, int] = {}
        self.loaded = database

    def serve(self, answers) -> None:
        for line in sys.stdin:
            question = json.loads(line)
            if "run" in question:
                answer = {"pid": self.run(question, answers)}
            elif "wait" in question:
                answer = self.wait(question["wait"], question["timeout"])
            else:
                answer = {"ready": True}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()

    def run(self, question: dict, answers) -> int:
        pid = os.fork()
        if not pid:
            code = 1
            try:
                answers.close()
                os.close(0)
                result = child(question, self.loaded)
                self._result(question["run"]).write_text(json.dumps(result))
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        self.children[question["run"]] = pid
        return pid

    def wait(self, number: int, timeout: float) -> dict:
        pid = self.children.pop(number)
        end = time.monotonic() + timeout
        while True:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return {"killed": False, "error": f"gave no sign for {timeout:.0f} s"}
            time.sleep(0.005)
        if os.WIFSIGNALED(status):
            return {"killed": os.WTERMSIG(status) == signal.SIGKILL}
        result = self._result(number)
        if not result.exists():
            return {"killed": False, "error": "the child failed; see the captured output"}
        return json.loads(result.read_text())

    def _result(self, number: int) -> Path:
        return self.results / f"{number}.json"


def child(question: dict, loaded: str) -> dict:
    """Run the work on its database; exceptions are part of the answer."""
    for name, value in question["environment"].items():
        os.environ[name] = value
        option = {"PGHOST": "db_host", "PGPORT": "db_port", "PGUSER": "db_user"}.get(name)
        if option:  # Odoo read these when it was loaded
            odoo.tools.config[option] = int(value) if option == "db_port" else value
    odoo.tools.config["data_dir"] = question["data_dir"]
    database = question["database"]
    registry = Registry.registries[loaded]
    if database != loaded:  # a server given by the user: copies have names of their own
        registry.db_name = database
        odoo.tools.config["db_name"] = [database]
        Registry.registries[database] = registry
    registry._db = odoo.sql_db.db_connect(database)
    registry._db_readonly = None
    registry = registry.check_signaling()
    meter = Meter(question["kill"])
    meter.install()
    module, _, name = question["work"].partition(":")
    value, error = None, ""
    try:
        work = getattr(importlib.import_module(module), name)
        cr = registry.cursor()
        value = work(odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {}), **question["arguments"])
        if not cr.connection.closed:  # a worker forgets every connection when the database goes
            cr.commit()
            cr.close()
        json.dumps(value)
    except Exception:
        value, error = None, traceback.format_exc()
    return {
        "killed": False,
        "value": value,
        "error": error,
        "statements": meter.statements,
        "commits": meter.commits,
    }


def main() -> None:
    config, database = sys.argv[1:]
    # Only answers go to our standard output; whatever else prints goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    odoo.tools.config.parse_config(["-c", config, "--log-level=warn"])
    ForkServer(database).serve(answers)


if __name__ == "__main__":
    main()
