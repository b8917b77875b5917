"""Tables whose rows are never changed: PostgreSQL refuses it, whoever asks."""

from odoo.tools import SQL


def make_append_only(cr, table: str, refused: str = "UPDATE OR DELETE OR TRUNCATE") -> None:
    """Let a trigger refuse changes of a table's rows; made anew at each call.

    :param refused: the statements, as PostgreSQL's CREATE TRIGGER names them
    """
    guard = SQL.identifier(f"{table}_guard")
    # a function body takes no parameters
    body = f"BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'check_violation'; END"
    cr.execute(
        SQL(
            "CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS %s;"
            " CREATE OR REPLACE TRIGGER %s BEFORE %s ON %s"
            " FOR EACH STATEMENT EXECUTE FUNCTION %s()",
            guard,
            body,
            guard,
            SQL(refused),  # pylint: disable=sql-injection
            SQL.identifier(table),
            guard,
        )
    )
