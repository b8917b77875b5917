"""Running sums of a lean table, kept by the database itself.

A statement on the lean table appends its difference to a tally: one row for each group that it
changed. Nothing is updated there, so writers never wait for one another; the sum over a tally is
what the lean table itself would give. Now and then many rows are added up to one.
"""

from dataclasses import dataclass

from odoo.tools import SQL

MANY = 50  # rows of one owner from which adding up is worth its work
PARTS = {
    "INSERT": ("NEW TABLE AS fresh", (("+", "fresh"),)),
    "UPDATE": ("OLD TABLE AS gone NEW TABLE AS fresh", (("+", "fresh"), ("-", "gone"))),
    "DELETE": ("OLD TABLE AS gone", (("-", "gone"),)),
}


@dataclass(frozen=True, slots=True)
class Tally:
    """What is summed by what.

    :param table: the tally; :param source: the lean table
    :param keys: columns of both; the first is the owner, on which the tally has an index
    :param sums: (column of the tally, expression over the source)
    :param where: which rows of the source count
    """

    table: str
    source: str
    keys: tuple[str, ...]
    sums: tuple[tuple[str, str], ...]
    where: str

    def install(self, cr) -> None:
        """Create the triggers; the first time, sum what the source holds already."""
        for event, (_tables, parts) in PARTS.items():
            cr.execute(
                SQL(
                    f"CREATE OR REPLACE FUNCTION {self._name(event)}() RETURNS trigger"
                    f" LANGUAGE plpgsql AS $sum$ BEGIN {self._difference(parts)};"
                    " RETURN NULL; END $sum$"
                )
            )
        cr.execute("SELECT 1 FROM pg_trigger WHERE tgname = %s", (self._name("INSERT"),))
        if cr.fetchone():
            return
        cr.execute(SQL(f"LOCK TABLE {self.source} IN SHARE ROW EXCLUSIVE MODE"))
        cr.execute(SQL(self._difference((("+", self.source),))))
        for event, (tables, _parts) in PARTS.items():
            name = self._name(event)
            cr.execute(
                SQL(
                    f"CREATE TRIGGER {name} AFTER {event} ON {self.source} REFERENCING {tables}"
                    f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
                )
            )

    def uninstall(self, cr) -> None:
        """Drop the triggers, whose columns are about to go."""
        for event in PARTS:
            cr.execute(SQL(f"DROP FUNCTION IF EXISTS {self._name(event)}() CASCADE"))

    def add_up(self, cr) -> None:
        """Make one row of the many that owners have; the sums stay what they are."""
        owner, keys = self.keys[0], ", ".join(self.keys)
        columns = ", ".join(column for column, _expression in self.sums)
        cr.execute(
            SQL(
                f"WITH gone AS (DELETE FROM {self.table} WHERE {owner} IN ("
                f"SELECT {owner} FROM {self.table} GROUP BY {owner} HAVING count(*) > %s)"
                f" RETURNING {keys}, {columns})"
                f" INSERT INTO {self.table} ({keys}, {columns})"
                f" SELECT {keys}, {self._totals()} FROM gone GROUP BY {keys} HAVING {self._changed()}",
                MANY,
            )
        )

    def differences(self) -> SQL:
        """Groups whose sum is not that of the source; a normal database has none."""
        keys = ", ".join(self.keys)
        columns = ", ".join(column for column, _expression in self.sums)
        source = ", ".join(f"-({expression})" for _column, expression in self.sums)
        return SQL(
            f"SELECT {keys}, {self._totals()} FROM (SELECT {keys}, {columns} FROM {self.table}"
            f" UNION ALL SELECT {keys}, {source} FROM {self.source} WHERE {self.where}) rows"
            f" ({keys}, {columns}) GROUP BY {keys} HAVING {self._changed()}"
        )

    def _name(self, event: str) -> str:
        return f"{self.table}_{event.lower()}"

    def _totals(self) -> str:
        return ", ".join(f"sum({column})" for column, _expression in self.sums)

    def _changed(self) -> str:
        return " OR ".join(f"sum({column}) <> 0" for column, _expression in self.sums)

    def _difference(self, parts) -> str:
        """The statement that appends rows that came (+) and went (-)."""
        keys = ", ".join(self.keys)
        columns = ", ".join(column for column, _expression in self.sums)
        rows = " UNION ALL ".join(
            f"SELECT {keys}, "
            + ", ".join(f"{sign}({expression})" for _column, expression in self.sums)
            + f" FROM {table} WHERE {self.where}"
            for sign, table in parts
        )
        return (
            f"INSERT INTO {self.table} ({keys}, {columns}) SELECT {keys}, {self._totals()}"
            f" FROM ({rows}) rows ({keys}, {columns}) GROUP BY {keys} HAVING {self._changed()}"
        )
