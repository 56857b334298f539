"""A laboratory's results come in by file: each is new, equal, different or refused, a different one
never overwrites by itself, and twice is once."""

from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused, stored
from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import closing
from trialwright.conduct.actions.closing import LockPlace
from trialwright.conduct.actions.importing import enter_results, keep_mapping, upload_results
from trialwright.conduct.models import (
    Entry,
    ImportedValue,
    LockLevel,
    Query,
    ResultFile,
    Value,
)
from trialwright.conduct.reads.results import Found, preview
from trialwright.ledger import reading
from trialwright.protocol.basics import Role

LONG = """
participant = Subject
visit = Visit
test = Test
value = Result
unit = Unit
test HGB = blood_count.haemoglobin
test WBC = blood_count.leukocytes
test PLT = blood_count.platelets
test Crea = chemistry.creatinine
visit Baseline = screening
"""
HEAD = "Subject,Name,Visit,Test,Result,Unit\n"


def manager(world: World) -> Actor:
    return world.person(Role.DATA_MANAGER)


def take(world: World, rows: str, mapping: str = LONG, head: str = HEAD) -> int:
    keep_mapping(by=manager(world), name="CENTRAL", text=mapping, at=world.now)
    return upload_results(
        by=manager(world), mapping="CENTRAL", source=(head + rows).encode(),
        file_name="results.csv", at=world.now,
    )  # fmt: skip


def found(world: World, number: int) -> dict[str, tuple[Found, str]]:
    return {
        f"{each.line.participant} {each.line.test}": (each.found, each.why)
        for each in preview(manager(world), number).results
    }


def kinds(world: World, number: int) -> list[str]:
    return [each.found.value for each in preview(manager(world), number).results]


def values(code: str, form: str = "blood_count") -> dict[str, str | None]:
    rows = Value.objects.filter(entry__participant__code=code, entry__form=form)
    return {row.item: row.text for row in rows}


@pytest.fixture
def code(world: World) -> str:
    code = world.consented()
    world.visited(code, "screening")
    return code


def test_new_results_are_entered_with_their_file_and_row(world: World, code: str) -> None:
    number = take(
        world,
        f"{code},Liu,Baseline,HGB,98,g/L\n{code},Liu,screening,WBC,<0.5,10^9/L\n"
        f"{code.lower()},Liu,Baseline,Crea,56,µmol/L\n",
    )
    before = stored()
    assert kinds(world, number) == ["new"] * 3
    assert stored() == before, "looking writes nothing"
    done = enter_results(by=manager(world), number=number, at=world.now)
    assert (done.values, done.left, done.refused) == (3, 0, ())
    assert values(code) == {"haemoglobin": "98", "leukocytes": "<0.5"}
    assert values(code, "chemistry")["creatinine"] == "56"
    rows = ImportedValue.objects.order_by("row").values_list("row", "item")
    assert list(rows) == [(2, "haemoglobin"), (3, "leukocytes"), (4, "creatinine")]
    file = ResultFile.objects.get()
    assert "Liu" not in str(file.lines), "of the file only what the mapping reads is kept"
    told = reading.rows(STUDY, may_reveal=lambda _line: True, entity="value", limit=99)
    assert any(file.sha256 in line.reason.text and "row 2, 3" in line.reason.text for line in told)
    assert kinds(world, number) == ["equal"] * 3


def test_twice_is_once(world: World, code: str) -> None:
    row = f"{code},Liu,Baseline,HGB,98,g/L\n"
    number = take(world, row)
    assert take(world, row) == number, "the same bytes are the same file"
    enter_results(by=manager(world), number=number, at=world.now)
    before = stored()
    assert enter_results(by=manager(world), number=number, at=world.now).values == 0
    assert stored() == before
    other = take(world, f"{code},Liu,Baseline,HGB,98.0,g/L\n")
    assert other != number


def test_a_different_value_stays_until_a_reason_replaces_it(world: World, code: str) -> None:
    raw = {"sampled_on": world.now.date().isoformat(), "haemoglobin": "120", "leukocytes": "5.1",
           "platelets": "210"}  # fmt: skip
    world.save(world.coordinator, code, "screening", "blood_count", raw)
    world.sign(world.investigator, code, "screening", "blood_count")
    number = take(world, f"{code},Liu,Baseline,HGB,98,g/L\n{code},Liu,Baseline,PLT,210,10^9/L\n")
    assert found(world, number)[f"{code} HGB"][0] is Found.DIFFERENT
    assert enter_results(by=manager(world), number=number, at=world.now).values == 0
    assert values(code)["haemoglobin"] == "120"
    done = enter_results(by=manager(world), number=number, replace="Corrected report", at=world.now)
    assert done.values == 1 and values(code)["haemoglobin"] == "98"
    entry = Entry.objects.get(form="blood_count")
    assert not entry.signatures.filter(void_at=None).exists()
    told = reading.rows(STUDY, may_reveal=lambda _line: True, entity="value", limit=99)
    assert any(line.reason.text.startswith("Corrected report (File") for line in told)


def test_what_can_not_go_in_says_why_and_the_rest_goes(world: World, code: str) -> None:
    number = take(
        world,
        f"{code},x,Baseline,HGB,98,g/dL\n"  # unit
        f"{code},x,Baseline,WBC,5000,10^9/L\n"  # range
        f"{code},x,Baseline,PLT,many,10^9/L\n"  # no number
        f"{code},x,Baseline,Na,140,mmol/L\n"  # unknown test
        f"{code},x,Month 3,Crea,56,µmol/L\n"  # unknown visit
        "X-999,x,Baseline,HGB,98,g/L\n"  # foreign code
        ",x,Baseline,HGB,98,g/L\n"
        f"{code},x,Baseline,Crea,61,µmol/L\n",
    )
    told = found(world, number)
    assert "g/dL" in told[f"{code} HGB"][1] and "Nothing is converted" in told[f"{code} HGB"][1]
    assert "from 0.1 to 200" in told[f"{code} WBC"][1]
    assert told[f"{code} PLT"][0] is Found.REFUSED
    assert "doesn't name the test “Na”" in told[f"{code} Na"][1]
    assert "no participant X-999" in told["X-999 HGB"][1]
    assert kinds(world, number).count("refused") == 7
    assert enter_results(by=manager(world), number=number, at=world.now).values == 1
    assert values(code) == {} and values(code, "chemistry")["creatinine"] == "61"


def test_two_values_of_one_test_and_a_form_that_is_closed(world: World, code: str) -> None:
    other = world.consented()
    number = take(
        world,
        f"{code},x,Baseline,HGB,98,g/L\n{code},x,Baseline,HGB,99,g/L\n"
        f"{other},x,Baseline,HGB,98,g/L\n",
    )
    told = preview(manager(world), number).results
    assert ["two values" in each.why for each in told] == [True, True, False]
    assert "has not taken place" in told[2].why
    assert enter_results(by=manager(world), number=number, at=world.now).values == 0


def test_a_locked_form_takes_nothing_from_a_file(world: World, code: str) -> None:
    number = take(world, f"{code},x,Baseline,HGB,98,g/L\n{code},x,Baseline,Crea,61,µmol/L\n")
    closing.lock(
        by=manager(world), level=LockLevel.LOCK, reason="Reviewed", at=world.now,
        place=LockPlace(participant=code, visit="screening", form="blood_count"),
    )  # fmt: skip
    told = found(world, number)
    assert "This is locked" in told[f"{code} HGB"][1]
    assert enter_results(by=manager(world), number=number, at=world.now).values == 1
    assert values(code) == {}


def test_a_check_that_asks_becomes_an_answered_query(world: World, code: str) -> None:
    number = take(world, f"{code},x,Baseline,HGB,98,g/L\n")
    enter_results(by=manager(world), number=number, at=world.now)
    for query in Query.objects.all():
        assert query.answer.startswith(f"File {number}")


def test_a_row_for_each_sample_goes_by_its_day(world: World, code: str) -> None:
    mapping = (
        "participant = Subject\nsampled = Collected\n"
        "column HGB = blood_count.haemoglobin\ncolumn WBC = blood_count.leukocytes\n"
    )
    day = world.now.date().isoformat()
    head = "Subject,Collected,HGB,WBC\n"
    number = take(world, f"{code},{day},98,5.1\n{code},2020-01-01,99,\n", mapping, head)
    assert kinds(world, number) == ["new", "new", "refused"]
    assert enter_results(by=manager(world), number=number, at=world.now).values == 2
    assert values(code)["leukocytes"] == "5.1"


def test_what_is_interrupted_is_gone_on_with(world: World, code: str) -> None:
    other = world.consented()
    world.visited(other, "screening")
    number = take(world, f"{code},x,Baseline,HGB,98,g/L\n{other},x,Baseline,HGB,99,g/L\n")
    ticks = iter([0.0, 1.0, 9.0])
    enter = partial(enter_results, by=manager(world), number=number, at=world.now)
    done = enter(within_seconds=5, clock=lambda: next(ticks))
    assert (done.values, done.left) == (1, 1)
    assert enter().values == 1
    assert values(code) == {"haemoglobin": "98"} and values(other) == {"haemoglobin": "99"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("HGB blood_count", "Line 1 isn't understood"),
        ("visit = Visit\ncolumn HGB = blood_count.haemoglobin", "participant = …"),
        ("participant = S\ncolumn HGB = blood_count.haemoglobin", "visit = …"),
        ("participant = S\nvisit = V", "Say either"),
        ("participant = S\nvisit = V\ntest = T\nvalue = R", "needs test = …"),
        ("participant = S\nvisit = V\ncolumn H = blood_count.hb", "no such item"),
        ("participant = S\nvisit = V\ncolumn H = administration.lot", "could reveal an arm"),
        ("participant = S\nvisit = V\ncolumn H = blood_count.sampled_on", "isn't a typed number"),
        (LONG + "visit Later = month_99", "no visit month_99"),
    ],
)  # fmt: skip
def test_a_mapping_that_leads_nowhere_is_refused(world: World, text: str, told: str) -> None:
    keep = partial(keep_mapping, by=manager(world), name="CENTRAL", text=text, at=world.now)
    assert told in refused(keep)


def test_a_file_that_can_not_be_read_is_refused_and_nothing_is_lost(world: World) -> None:
    take(world, "C-001,x,Baseline,HGB,98,g/L\n")
    again = partial(take, world)
    assert "neither a CSV" in refused(partial(again, "\0"))
    assert "no column “Unit”" in refused(
        partial(again, "a,b\n", head="Subject,Visit,Test,Result\n")
    )
    assert "more than 10000 rows" in refused(partial(again, "C-1,x,a,HGB,1,g/L\n" * 10_001))
    assert "no row beneath" in refused(partial(again, ""))
    assert "no result" in refused(partial(again, "C-001,x,Baseline,HGB,,g/L\n"))
    assert ResultFile.objects.count() == 1


def test_who_keeps_no_laboratory_data_finds_nothing(world: World) -> None:
    number = take(world, "C-001,x,Baseline,HGB,98,g/L\n")
    for who in (world.coordinator, world.investigator, world.assessor):
        absent(partial(keep_mapping, by=who, name="A", text=LONG, at=world.now))
        absent(partial(preview, who, number))
        absent(partial(enter_results, by=who, number=number, at=world.now))


def test_a_preview_costs_no_more_statements_with_more_rows(
    world: World, code: str, django_assert_max_num_queries: object
) -> None:
    few = take(world, f"{code},x,Baseline,HGB,98,g/L\n")
    preview(manager(world), few)
    with django_assert_max_num_queries(30) as spent:  # type: ignore[operator]
        preview(manager(world), few)
        count = len(spent)
    others = [world.consented() for _each in range(3)]
    for other in others:
        world.visited(other, "screening")
    tests = ("HGB", "PLT", "Crea") * 50
    rows = "".join(f"{who},x,Baseline,{t},98,g/L\n" for who in (code, *others) for t in tests)
    many = take(world, rows)
    with django_assert_max_num_queries(count):  # type: ignore[operator]
        preview(manager(world), many)
