"""Field types shared by the suite."""

from odoo import fields
from odoo.tools import SQL, sql


class LeanMany2one(fields.Many2one):
    """A Many2one without a foreign key in the database.

    Foreign-key triggers are the main cost of writing rows by the hundred thousand, so lean
    tables use this type. The price: PostgreSQL no longer guards the reference. Use it only
    towards records that are archived, never deleted; a deleted one reads as empty in lists
    and raises ``MissingError`` when a field of it is read.
    """

    def update_db_foreign_key(self, model, column):
        """Add no key, and drop the one a plain Many2one of the same name left behind."""
        rows = model.env.execute_query(
            SQL(
                """
                SELECT fk.conname
                  FROM pg_constraint fk
                  JOIN pg_attribute a ON a.attrelid = fk.conrelid AND a.attnum = fk.conkey[1]
                 WHERE fk.contype = 'f' AND fk.conrelid = %s::regclass AND a.attname = %s
                   AND cardinality(fk.conkey) = 1
                """,
                model._table,
                self.name,
            )
        )
        for (name,) in rows:
            sql.drop_constraint(model.env.cr, model._table, name)
