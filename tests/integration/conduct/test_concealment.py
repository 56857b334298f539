"""Nothing that a masked person, a log or the database's text can show depends on the list.

The same story is told under two seeds whose first arms differ, one of them the intravenous arm,
whose dose is asked about. Whatever is readable must come out the same in both.
"""

import base64
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from tests.integration.conduct.world import STUDY, World, begin
from tests.superuser import OWNER, superuser_url
from trialwright.conduct import acting, sealed_values
from trialwright.conduct.actions import cutting, drafting
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.cut import store as cut_store
from trialwright.conduct.models import AllocationSlot, Entry, Query, Value
from trialwright.conduct.reads.arms import arm_for
from trialwright.conduct.reads.cuts import report_of
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.reads.ledger import ledger_lines
from trialwright.conduct.reads.participants import participants, story, visible_queries
from trialwright.conduct.reads.study import overview
from trialwright.conduct.refusals import NotFound
from trialwright.demonstration.people import ensure_people
from trialwright.demonstration.protocol import demonstration
from trialwright.design.allocation import RUN_IN
from trialwright.design.places import blocks_of
from trialwright.protocol.basics import Role

INTRAVENOUS = 3
CUT = "board-1"
MASKED = (
    Role.COORDINATOR, Role.INVESTIGATOR, Role.OUTCOME_ASSESSOR, Role.MONITOR,
    Role.TRIAL_STATISTICIAN, Role.SAFETY_PHYSICIAN, Role.DATA_MANAGER,
)  # fmt: skip


def _first_arm(seed: bytes) -> int:
    allocation = demonstration().allocation
    assert allocation is not None
    return blocks_of(allocation).list(seed, RUN_IN, 1)[0]


SEEDS = [bytes([n]) * 32 for n in range(64)]
INTRAVENOUS_FIRST = next(seed for seed in SEEDS if _first_arm(seed) == INTRAVENOUS)
ANOTHER_FIRST = next(seed for seed in SEEDS if _first_arm(seed) not in (INTRAVENOUS, 2))


@dataclass(frozen=True)
class Traces:
    """What a story leaves to be read, as text, channel by channel."""

    database: str
    server_log: str
    program_log: str
    masked_reads: str
    open_files: str

    def differing(self, other: "Traces") -> set[str]:
        return {
            name
            for name in self.__dataclass_fields__
            if _plain(getattr(self, name)) != _plain(getattr(other, name))
        }


_RANDOM = [
    (r"s\d{10,}_x\d+|_curs_\d+_sync_\d+", "<run>"),
    (r"\\+x[0-9a-f]{16,}", lambda found: f"<{len(found[0])} of bytes>"),
    (r"Binary\(b.*?byteschars\)\)", "<bytes>"),
    (r"""\bb'(?:[^'\\\n]|\\.)*'|\bb"(?:[^"\\\n]|\\.)*\"""", "<bytes>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"[0-9a-f]{12,64}", "<hash>"),
    (r"\(\d\.\d+\)|duration=\d\.\d+|0x[0-9a-f]+", "<run>"),
]


def _plain(text: str) -> list[str]:
    """The lines without what is random or of the present moment: ids, hashes, ciphertexts, time."""
    now = timezone.now()
    for pattern, instead in _RANDOM:
        text = re.sub(pattern, instead, text)  # type: ignore[arg-type]
    text = re.sub(rf"{now:%Y-%m-%d}[ T][0-9:.]+(\+00(:00)?)?", "<now>", text)
    text = re.sub(rf"datetime\({now.year}, {now.month}, {now.day}, [0-9, ]+", "<now>", text)
    return sorted(text.splitlines())


def _tell(seed: bytes, caplog: Any, read_log: Callable[[], str], leak: str = "") -> Traces:
    """Tell the story and undo it."""
    with transaction.atomic():
        # A protocol that this process has read already is not read again: no story comes first.
        acting._read.cache_clear()
        caplog.clear()
        read_log()
        world = begin(seed=seed)
        code = world.randomised()
        arm = allocation_list.arm_of(world.row(code))
        _day_0(world, code, arm)
        if leak == "value":
            Value.objects.filter(item="height").update(text=f"16{arm}")
        if leak == "statement":
            with connection.cursor() as cursor:
                cursor.execute("SELECT %s", [f"arm {arm}"])
        cutting.cut_data(by=world.person(Role.DATA_MANAGER), name=CUT, at=world.now)
        reads = _masked_reads(world, code, CUT)
        traces = Traces(
            database=_database(),
            server_log=read_log(),
            program_log="\n".join(caplog.messages),
            masked_reads=reads,
            open_files=_files(CUT),
        )
        transaction.set_rollback(True)
    return traces


def _day_0(world: World, code: str, arm: int) -> None:
    """Handler and surgeon do their part; what was given is told to the sealed form alone."""
    world.treat(code)
    world.visited(code, "day_0")
    intravenous = arm == INTRAVENOUS
    given = {
        "lot": f"H-{arm}", "route": "intravenous" if intravenous else "amnion_graft",
        "thawed_at": "10:00", "given_at": "11:30", "given": "whole",
        "viable_cells": "160" if intravenous else "100", "infusion_covered": "yes",
    }  # fmt: skip
    remarks = {"viable_cells": "The board has accepted this dose"} if intravenous else {}
    drafting.save_draft(
        by=world.handler, code=code, visit="day_0", form="administration", raw=given, based_on=0
    )
    world.save(world.handler, code, "day_0", "administration", given, remarks=remarks)
    world.save(
        world.handler, code, "day_0", "administration", given | {"lot": f"H-{arm}{arm}"},
        based_on=1, change_reasons={"lot": f"It was arm {arm}"}, remarks=remarks,
    )  # fmt: skip
    world.sign(world.handler, code, "day_0", "administration")


def _masked_reads(world: World, code: str, cut: str) -> str:
    """All that the pages of masked people are made of."""
    told: list[object] = []
    for role in MASKED:
        by = world.person(role)
        hers = story(by, code)
        assert arm_for(by, hers) is None
        told += [role, vars(hers.row), hers.visits, participants(by), overview(by)]
        told += [hers.taken, hers.open, hers.treatment]
        told += [ledger_lines(by, limit=300), [vars(each) for each in visible_queries(by)]]
        assert "administration" not in {form.key for visit in hers.visits for form in visit.forms}
        with pytest.raises(NotFound):
            form_page(by, code, "day_0", "administration")
        for visit in hers.visits:
            for form in visit.forms:
                page = form_page(by, code, visit.visit.key, form.key)
                told += [page.values, page.saved, page.stored, page.queries]
        with pytest.raises(NotFound):
            report_of(by, cut, language="en", by_arm=True)
    by = world.person(Role.TRIAL_STATISTICIAN)
    told.append(report_of(by, cut, language="en"))
    return "\n".join(map(repr, told))


def _database() -> str:
    """Every column of every row of every table, in the order written."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        lines = []
        for table in sorted(tables):
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY ctid')
            lines += [f"{table}: {row[0]}" for row in cursor.fetchall()]
    return "\n".join(lines)


def _files(cut: str) -> str:
    folder = cut_store.folder_of(STUDY, cut) / "open"
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    texts = [each for each in files if each.suffix != ".parquet"]
    assert texts
    return "\n".join(f"{each.name}:\n{each.read_text(encoding='utf-8')}" for each in texts)


@pytest.fixture
def read_log(db: None) -> Iterator[Callable[[], str]]:
    """Gives what this session has written to the server's log since it was last asked."""
    url = superuser_url(connection.settings_dict["NAME"])
    where = "current_setting('data_directory') || '/../postgres.log'"
    with psycopg.connect(url, autocommit=True) as free, connection.cursor() as cursor:
        free.execute(f"GRANT SET ON PARAMETER log_statement TO {OWNER}")
        cursor.execute("SET log_statement = 'all'")
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
        row = free.execute(f"SELECT size FROM pg_stat_file({where})").fetchone()
        assert row is not None
        read_until = row[0]

        def read() -> str:
            nonlocal read_until
            content = free.execute(
                f"SELECT pg_read_binary_file({where}, %s, 1000000000)", [read_until]
            ).fetchone()[0]  # type: ignore[index]
            read_until += len(content)
            entries = re.split(r"^(?=\d{4}-\d\d-\d\d )", content.decode(), flags=re.MULTILINE)
            ours = [each.partition(f"[{pid}] ")[2] for each in entries if f"[{pid}] " in each]
            return "".join(ours)

        yield read
        cursor.execute("RESET log_statement")


@pytest.fixture
def tell(
    read_log: Callable[[], str], caplog: Any, tmp_path: Any, monkeypatch: Any
) -> Iterator[Callable[..., Traces]]:
    monkeypatch.setattr(settings, "TRIALWRIGHT_CUTS", tmp_path)
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="django.db.backends")
    ensure_people(STUDY, "a secret of the tests")
    connection.force_debug_cursor = True
    yield partial(_tell, caplog=caplog, read_log=read_log)
    connection.force_debug_cursor = False


@pytest.mark.slow
def test_nothing_readable_depends_on_the_list(tell: Callable[..., Traces]) -> None:
    one, other = tell(INTRAVENOUS_FIRST), tell(ANOTHER_FIRST)
    lengths = {channel: len(getattr(one, channel)) for channel in one.__dataclass_fields__}
    assert min(lengths.values()) > 1_000, lengths
    assert "SELECT" in one.server_log and "SELECT" in one.program_log
    assert one.differing(other) == set()


def test_neither_seed_nor_list_is_written_in_any_spelling(tell: Callable[..., Traces]) -> None:
    seed = INTRAVENOUS_FIRST
    allocation = demonstration().allocation
    assert allocation is not None
    arms = blocks_of(allocation).list(seed, "stage_3", 12)
    needles = {
        seed.hex(), base64.b64encode(seed).decode(), repr(seed), str(int.from_bytes(seed)),
        bytes(arms).hex(), "".join(map(str, arms)), ",".join(map(str, arms)), str(list(arms)),
        "".join(map(str, arms)).encode().hex(),
    }  # fmt: skip
    traces = tell(seed)
    for channel in traces.__dataclass_fields__:
        assert not [each for each in needles if each in getattr(traces, channel)], channel


@pytest.mark.slow
def test_these_tests_would_find_a_leak(tell: Callable[..., Traces]) -> None:
    one = tell(INTRAVENOUS_FIRST, leak="value")
    other = tell(ANOTHER_FIRST, leak="value")
    assert one.differing(other) >= {"database", "masked_reads", "open_files", "program_log"}
    one = tell(INTRAVENOUS_FIRST, leak="statement")
    other = tell(ANOTHER_FIRST, leak="statement")
    assert one.differing(other) == {"server_log", "program_log"}


def test_the_list_is_the_seed_s_and_balanced_in_every_prefix(world: World) -> None:
    allocation = demonstration().allocation
    assert allocation is not None
    blocks = blocks_of(allocation)
    largest = {
        name: 1 if name == RUN_IN else max(allocation.block_sizes) // 5 for name in blocks.lists
    }
    for name in blocks.lists:
        places = AllocationSlot.objects.filter(study=STUDY, list_name=name).order_by("place")
        arms = [
            int(sealed_values.open_arm(STUDY, name, each.place, each.sealed)) for each in places
        ]
        assert tuple(arms) == blocks.list(bytes(range(32)), name, len(arms))
        for length in range(1, len(arms) + 1):
            counts = [arms[:length].count(arm) for arm in range(1, 6)]
            assert max(counts) - min(counts) <= largest[name]
        assert len({len(each.sealed) for each in places}) == 1


def test_the_list_of_this_seed_is_this_list_on_every_machine(world: World) -> None:
    places = AllocationSlot.objects.filter(study=STUDY, list_name=RUN_IN).order_by("place")
    arms = [int(sealed_values.open_arm(STUDY, RUN_IN, each.place, each.sealed)) for each in places]
    assert arms == [2, 1, 5, 4, 3, 1, 2, 4, 5, 3]


def test_a_query_is_never_about_what_could_reveal_an_arm(world: World) -> None:
    code = world.randomised()
    _day_0(world, code, INTRAVENOUS)
    entry = Entry.objects.get(form="administration")
    assert not Query.objects.filter(entry=entry).exists()
    held = sealed_values.open_entry(STUDY, entry.pk, entry.sealed)
    assert held.remarks == {"viable_cells": "The board has accepted this dose"}
    assert held.change_reasons == {"lot": "It was arm 3"}
    assert not entry.values.exists()
