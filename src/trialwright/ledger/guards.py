"""Does the database still hold everybody to what this release ships: triggers, functions,
constraints, rights?

What should be there is read from the migrations' own SQL and from the models, so there is no second
list to keep. A check is compared by its meaning: the server is asked how it would keep it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import CheckConstraint, Model

from trialwright.ledger.findings import Findings
from trialwright.ledger.rights import READ_ONLY, TABLES

_FUNCTION: Final = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(.*?\$\$(.*?)\$\$", re.S)
_TRIGGER: Final = re.compile(r"CREATE TRIGGER (\w+)\s.*?\bON (\w+)", re.S)
_CONSTRAINT: Final = re.compile(r"ALTER TABLE (\w+)\s+ADD CONSTRAINT (\w+)", re.S)
_WRITES: Final = {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "EXECUTE"}
_ALL: Final = {"SELECT", "INSERT", "UPDATE", "DELETE"}

_RIGHTS = """
    SELECT relname, pg_get_userbyid(grantee), privilege_type
    FROM pg_class, aclexplode(relacl) WHERE relname = ANY(%s) AND grantee <> relowner
    UNION ALL
    SELECT proname, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END,
           privilege_type
    FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
    WHERE proname = ANY(%s) AND prosecdef AND grantee <> proowner
      AND prorettype <> 'trigger'::regtype
"""


def check(findings: Findings) -> None:
    """Everything, each with what it is about. Not inside a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        functions, triggers, constraints = _shipped()
        _check_functions(cursor, functions, findings)
        _check_triggers(cursor, triggers, findings)
        for table, name in constraints:
            if name not in connection.introspection.get_constraints(cursor, table):
                findings.add("guard_missing", "", what=f"constraint {name} of {table}")
        for model in apps.get_models(include_auto_created=True):
            if model._meta.managed:
                _check_model(cursor, model, findings)
        _check_rights(cursor, functions, findings)
        transaction.set_rollback(True)


def _shipped() -> tuple[dict[str, str], list[tuple[str, str]], list[tuple[str, str]]]:
    """Functions by name, and (trigger, table) and (table, constraint), from the migrations."""
    files = sorted((Path(__file__).parent / "migrations").glob("*.sql"))
    sql = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return dict(_FUNCTION.findall(sql)), _TRIGGER.findall(sql), _CONSTRAINT.findall(sql)


def _check_functions(cursor: Any, functions: dict[str, str], findings: Findings) -> None:
    cursor.execute(
        "SELECT proname, prosrc FROM pg_proc WHERE proname = ANY(%s)"
        " AND pronamespace = current_schema()::regnamespace",
        [list(functions)],
    )
    there = dict(cursor.fetchall())
    for name, body in functions.items():
        _compare(f"function {name}", body, there.get(name), findings)


def _check_triggers(cursor: Any, triggers: list[tuple[str, str]], findings: Findings) -> None:
    cursor.execute(
        "SELECT tgname, tgrelid::regclass::text, tgenabled = 'O' FROM pg_trigger"
        " WHERE NOT tgisinternal"
    )
    there = {(name, table): enabled for name, table, enabled in cursor.fetchall()}
    for name, table in triggers:
        _compare(f"trigger {name} of {table}", True, there.get((name, table)), findings)


def _check_model(cursor: Any, model: type[Model], findings: Findings) -> None:
    table = model._meta.db_table
    there = connection.introspection.get_constraints(cursor, table)
    for constraint in model._meta.constraints:
        if constraint.name not in there:
            findings.add("guard_missing", "", what=f"constraint {constraint.name} of {table}")
        elif isinstance(constraint, CheckConstraint):
            shipped, there_now = (
                _as_shipped(cursor, model, constraint),
                _as_kept(cursor, constraint.name),
            )
            if there_now not in shipped:
                findings.add("guard_changed", "", what=f"constraint {constraint.name} of {table}")
    for columns, kind in _keys(model):
        if not any(one["columns"] == columns and one[kind] for one in there.values()):
            what = f"{kind.replace('_', ' ')} on {', '.join(columns)} of {table}"
            findings.add("guard_missing", "", what=what)


def _keys(model: type[Model]) -> Iterator[tuple[list[str], str]]:
    """Columns that must be a primary key, unique, or point to another table."""
    yield [field.column for field in model._meta.pk_fields], "primary_key"
    for field in model._meta.local_concrete_fields:
        if field.remote_field is not None and field.db_constraint:  # type: ignore[attr-defined]
            yield [field.column], "foreign_key"
        if field.unique and not field.primary_key:
            yield [field.column], "unique"


def _as_kept(cursor: Any, name: str) -> str:
    cursor.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s"
        " AND connamespace = current_schema()::regnamespace",
        [name],
    )
    return str(cursor.fetchone()[0])


def _as_shipped(cursor: Any, model: type[Model], constraint: CheckConstraint) -> set[str]:
    """How the server keeps the model's constraint: it is told it, on a table for the moment. And
    how it keeps it once a restore told it the same in the server's own words."""
    said = constraint.constraint_sql(model, connection.schema_editor(collect_sql=True))
    table, kept = model._meta.db_table, set()
    words = said.replace("%%", "%")
    for _ in range(2):
        cursor.execute(f'CREATE TEMP TABLE guard_for_comparison (LIKE "{table}")')
        cursor.execute(f"ALTER TABLE guard_for_comparison ADD {words}")
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'guard_for_comparison'::regclass AND contype = 'c' AND conname = %s",
            [constraint.name],
        )
        (now,) = cursor.fetchone()
        cursor.execute("DROP TABLE guard_for_comparison")
        kept.add(str(now))
        words = f'CONSTRAINT "{constraint.name}" {now}'
    return kept


def _check_rights(cursor: Any, functions: dict[str, str], findings: Findings) -> None:
    web = settings.DATABASES["default"]["USER"]
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    cursor.execute(_RIGHTS, [tables, list(functions)])
    for name, role, right in cursor.fetchall():
        granted = {"SELECT", "INSERT"} if name in TABLES else _ALL
        granted = {"SELECT"} if name in READ_ONLY else granted
        granted = {"EXECUTE"} if name in functions else granted
        if right in _WRITES and (role != web or right not in granted):
            findings.add("right_added", "", role=role, right=right, what=name)


def _compare(what: str, shipped: object, there: object, findings: Findings) -> None:
    if there is None:
        findings.add("guard_missing", "", what=what)
    elif there != shipped:
        findings.add("guard_changed", "", what=what)
