import logging
import sys

from odoo import sql_db
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config

_logger = logging.getLogger(__name__)


class Materialise(Command):
    """Turn what platforms push and what is stored into channel orders, with supervised processes.

    One process of each kind that an installed addon names (``channel_intake/worker/kinds.py``)
    runs beside them: the fetcher asks for what was pushed.
    """

    name = "materialise"

    def run(self, cmdargs):
        """Parse ``--workers`` and Odoo's own options, load the registry once, fork the workers."""
        self.parser.add_argument(
            "--workers", type=int, default=1, help="materialisers (default 1, at most 16)"
        )
        options, rest = self.parser.parse_known_args(cmdargs)
        config.parse_config(rest, setup_logging=True)
        databases = config["db_name"]
        if len(databases) != 1:
            sys.exit("materialise: name one database with -d")
        [database] = databases
        Registry(database)
        # only now: the addon's Python needs the configuration
        from odoo.addons.channel_intake.models.message_materialise import MOST_WORKERS
        from odoo.addons.channel_intake.worker.kinds import kinds_beside
        from odoo.addons.channel_intake.worker.materialiser import Materialiser
        from odoo.addons.channel_intake.worker.supervisor import Supervisor

        if not 1 <= options.workers <= MOST_WORKERS:
            sys.exit(f"materialise: between 1 and {MOST_WORKERS} workers")
        sql_db.close_all()  # no connection is shared by two processes
        _logger.info("materialising %s with %s worker(s)", database, options.workers)

        kinds = (*kinds_beside(), *[Materialiser] * options.workers)
        Supervisor(len(kinds), lambda number: kinds[number](database).run()).run()
