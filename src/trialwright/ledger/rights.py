"""What the web's database role may do here: add and read, nothing else."""

from typing import Any

from psycopg import sql

TABLES = ("ledger_row", "ledger_value", "ledger_head")


def grant_to_web_role(connection: Any, role: str) -> None:
    """Give the role its rights and take any other it may have; call as the tables' owner."""
    with connection.cursor() as cursor:
        for table in TABLES:
            names = {"table": sql.Identifier(table), "role": sql.Identifier(role)}
            cursor.execute(sql.SQL("REVOKE ALL ON {table} FROM {role}").format(**names))
            cursor.execute(sql.SQL("GRANT SELECT, INSERT ON {table} TO {role}").format(**names))
        cursor.execute(
            sql.SQL("GRANT EXECUTE ON FUNCTION ledger_open(text) TO {}").format(
                sql.Identifier(role)
            )
        )
