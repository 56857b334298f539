"""The ledger speaks for every table of conduct: what is changed past it is named."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from tests.integration.conduct.world import STUDY, World, begin
from tests.superuser import superuser_url
from trialwright.ledger import encoding, files
from trialwright.ledger.verify import Verified, verify


def verified() -> Verified:
    keys = files.keys()
    return verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)


@pytest.fixture
def world(transactional_db: None, settings: object, tmp_path_factory: object) -> Iterator[World]:
    files.heads_path().unlink(missing_ok=True)
    yield begin()
    files.heads_path().unlink(missing_ok=True)


def test_a_whole_story_is_as_it_was_entered(world: World) -> None:
    world.treated()
    assert [str(each) for each in verified().problems] == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE conduct_value SET text = '99.9' WHERE item = 'weight'", "value"),
        ("UPDATE conduct_participant SET state = 'completed'", "participant"),
        (
            "UPDATE conduct_protocolfile SET source = source || convert_to(' ', 'UTF8')",
            "protocol_version",
        ),
        ("DELETE FROM conduct_protocolfile", "protocol_version"),
        ("DELETE FROM conduct_criterionanswer WHERE criterion = 'veins'", "criterion"),
        (
            "UPDATE conduct_allocationslot SET sealed = (SELECT sealed FROM conduct_allocationslot"
            " WHERE list_name = 'stage_2' AND place = 2) WHERE list_name = 'stage_2' AND place = 1",
            "slot",
        ),
    ],
)
def test_a_change_past_the_ledger_is_named(world: World, change: str, named: str) -> None:
    world.randomised()
    with connection.cursor() as cursor:
        cursor.execute(change)
    problems = [str(each) for each in verified().problems]
    assert problems and any(named in problem for problem in problems), problems


ROWS = "study = 'DEMO-HAEC-01' AND chain = 'open'"
LAST = f"(SELECT max(seq) FROM ledger_row WHERE {ROWS})"


@pytest.mark.parametrize(
    ("attack", "named"),
    [
        (
            ["UPDATE ledger_value SET text = '61.5' WHERE chain = 'open' AND text = '54.5'"],
            "changed",
        ),
        (
            ["UPDATE ledger_row SET action = 'x' WHERE chain = 'open' AND seq = 700"],
            "row 700 was changed",
        ),
        (["DELETE FROM ledger_row WHERE chain = 'open' AND seq = 700"], "700"),
        (
            [
                "UPDATE ledger_row SET seq = 9000000 WHERE chain = 'open' AND seq = 700",
                "UPDATE ledger_row SET seq = 700 WHERE chain = 'open' AND seq = 701",
                "UPDATE ledger_row SET seq = 701 WHERE chain = 'open' AND seq = 9000000",
            ],
            "rows 700 and 701 were swapped",
        ),
        (
            [
                f"DELETE FROM ledger_value WHERE {ROWS} AND seq > {LAST} - 5",
                f"DELETE FROM ledger_row WHERE {ROWS} AND seq > {LAST} - 5",
                "UPDATE ledger_head SET seq = end_.seq, hash = end_.hash FROM (SELECT seq, hash"
                f" FROM ledger_row WHERE {ROWS} ORDER BY seq DESC LIMIT 1) end_"
                f" WHERE {ROWS.replace('study', 'ledger_head.study')}",
            ],
            "the tail was cut off",
        ),
    ],
    ids=["a value", "a row", "a deleted row", "a swapped pair", "a cut-off tail"],
)
def test_tampering_with_the_ledger_of_a_story_as_superuser_is_named(
    world: World, attack: list[str], named: str
) -> None:
    world.treated()
    url = superuser_url(connection.settings_dict["NAME"])
    with psycopg.connect(url, autocommit=True) as free:
        free.execute("SET session_replication_role = replica")
        for statement in attack:
            assert free.execute(statement).rowcount > 0
    problems = [str(each) for each in verified().problems]
    assert problems and any(named in problem for problem in problems), problems


def test_a_whole_chain_computed_anew_is_named(world: World) -> None:
    """Her weight is changed in table and ledger, and every hash after it is made right again."""
    world.treated()
    chain = (STUDY, "open")
    with psycopg.connect(superuser_url(connection.settings_dict["NAME"])) as free:
        free.execute("SET session_replication_role = replica")
        free.execute("UPDATE conduct_value SET text = '61.5' WHERE item = 'weight'")
        (seq,) = free.execute(
            "UPDATE ledger_value SET text = '61.5' WHERE chain = 'open' AND text = '54.5'"
            " RETURNING seq"
        ).fetchone() or (0,)
        rows = free.execute(
            "SELECT study, chain, seq, recorded_at, happened_at, by, role, action, entity, id,"
            " field, old, new, reason, previous, heads FROM ledger_row"
            " WHERE study = %s AND chain = %s ORDER BY seq",
            chain,
        ).fetchall()
        previous = encoding.genesis(*chain)
        for row in (encoding.Row(*columns) for columns in rows):
            if row.seq == seq:
                (salt,) = free.execute(
                    "SELECT salt FROM ledger_value WHERE chain = 'open' AND part = 'new'"
                    " AND seq = %s",
                    [seq],
                ).fetchone() or (b"",)
                place = (row.entity, row.id, row.field, "new")
                new = encoding.commitment(salt, *chain, *place, encoding.value_bytes("61.5"))
                row = row._replace(new=new)
            row = row._replace(previous=previous)
            previous = encoding.row_hash(row)
            free.execute(
                "UPDATE ledger_row SET new = %s, previous = %s, hash = %s"
                " WHERE study = %s AND chain = %s AND seq = %s",
                [row.new, row.previous, previous, *chain, row.seq],
            )
        free.execute("UPDATE ledger_head SET hash = %s WHERE chain = 'open'", [previous])
    (problem,) = (str(each) for each in verified().problems)
    assert "the chain was computed anew" in problem
