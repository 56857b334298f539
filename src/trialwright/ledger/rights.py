"""What the web's database role may do here: add and read, nothing else."""

from typing import Any

from psycopg import sql

TABLES = ("ledger_row", "ledger_value", "ledger_head")
READ_ONLY = ("ledger_signed",)
FUNCTIONS = (
    "ledger_open(text, boolean)",
    "ledger_signing()",
    "ledger_signed_now(text[], text[], bigint[], bytea[], bytea[], text)",
)


def close_functions(connection: Any) -> None:
    """Take from everybody what a new function may do, also after a restore that made it anew."""
    with connection.cursor() as cursor:
        for function in FUNCTIONS:
            cursor.execute(
                sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(sql.SQL(function))
            )


def grant_to_web_role(connection: Any, role: str) -> None:
    """Give the role its rights and take any other it may have; call as the tables' owner."""
    rights = dict.fromkeys(TABLES, "SELECT, INSERT") | dict.fromkeys(READ_ONLY, "SELECT")
    with connection.cursor() as cursor:
        for table, right in rights.items():
            names = {"table": sql.Identifier(table), "role": sql.Identifier(role)}
            cursor.execute(sql.SQL("REVOKE ALL ON {table} FROM {role}").format(**names))
            cursor.execute(
                sql.SQL("GRANT {right} ON {table} TO {role}").format(right=sql.SQL(right), **names)
            )
        for function in FUNCTIONS:
            cursor.execute(
                sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(
                    sql.SQL(function), sql.Identifier(role)
                )
            )
