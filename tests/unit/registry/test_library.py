"""The library: adding is idempotent and atomic, raw bytes come back, readers see what is new."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import orjson
import pytest
import tantivy

from trialwright.registry.library.adding import QUARANTINE, add, sole_writer
from trialwright.registry.library.library import Library, LibraryError, NotInLibraryError
from trialwright.registry.library.preparing import prepared
from trialwright.registry.library.record_store import PackError
from trialwright.registry.library.reindexing import reindex
from trialwright.registry.library.sample import sample_bytes
from trialwright.registry.readers.files import RawRecord


def study(number: int, title: str = "A title", updated: str = "2020-01-01") -> RawRecord:
    """A small v2 study of which a version was posted on a day."""
    raw = {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08d}", "briefTitle": title},
            "statusModule": {"lastUpdatePostDateStruct": {"date": updated}},
        }
    }
    return RawRecord(orjson.dumps(raw), "test", "here")


def sample() -> list[RawRecord]:
    """The bundled sample as raw records."""
    return [RawRecord(line, "sample", "") for line in sample_bytes().splitlines()]


def test_raw_bytes_come_back_as_they_were_added(tmp_path: Path) -> None:
    add(tmp_path, sample())
    library = Library(tmp_path)
    assert len(library) == 36
    for raw in sample():
        number = json.loads(raw.data)["protocolSection"]["identificationModule"]["nctId"]
        assert library.raw(number) == raw.data


def test_adding_again_adds_nothing(tmp_path: Path) -> None:
    assert add(tmp_path, sample()).new == 36
    packs = sorted((tmp_path / "packs").iterdir())
    again = add(tmp_path, sample())
    assert (again.new, again.changed, again.same) == (0, 0, 36)
    assert sorted((tmp_path / "packs").iterdir()) == packs


def test_every_version_is_kept_and_the_newest_is_shown(tmp_path: Path) -> None:
    old, new = study(1, "Old", "2019-05-01"), study(1, "New", "2021-05-01")
    middle = study(1, "Middle", "2020")
    add(tmp_path, [new])
    counts = add(tmp_path, [old, middle])
    assert (counts.new, counts.changed) == (0, 2)
    library = Library(tmp_path)
    titles = [library.record("NCT00000001", place).title.value for place in range(3)]
    assert titles == ["Old", "Middle", "New"]
    assert library.record("NCT00000001").title.value == "New"
    assert [summary["title"] for summary in library.summaries()] == ["New"]
    with pytest.raises(NotInLibraryError, match="3 versions"):
        library.raw("NCT00000001", 3)


def test_what_can_not_be_read_is_set_aside_once_with_the_reason(tmp_path: Path) -> None:
    bad = RawRecord(b'{"protocolSection": 7}', "file.json", "line 4")
    torn = RawRecord(b"{", "file.json", "byte 9", "the JSON breaks off")
    for _ in range(2):
        counts = add(tmp_path, [bad, study(1), torn])
        assert counts.refused == 2
    assert counts.why_refused[0].startswith("file.json, line 4: a study needs a number")
    lines = (tmp_path / QUARANTINE).read_text().splitlines()
    assert [orjson.loads(line)["position"] for line in lines] == ["line 4", "byte 9"]
    assert len(Library(tmp_path)) == 1


@pytest.mark.parametrize("long_ago", [False, True])
def test_an_open_reader_sees_what_is_added_and_a_new_index(tmp_path: Path, long_ago: bool) -> None:
    """Also where the folder of the indexes changed long ago, and is not listed again meanwhile."""
    add(tmp_path, [study(1)])
    if long_ago:
        os.utime(tmp_path / "index", (1e9, 1e9))
    library = Library(tmp_path)
    add(tmp_path, [study(2)])
    assert "NCT00000002" in library
    assert reindex(tmp_path) == 2
    assert library.state == Library(tmp_path).state, "the new index is in use"
    add(tmp_path, [study(3)])
    assert len(library) == 3


def test_the_index_is_made_again_from_the_packs_alone(tmp_path: Path) -> None:
    add(tmp_path, [study(1, "Old", "2019"), study(1, "New", "2020"), study(2)])
    before = [Library(tmp_path).versions(f"NCT0000000{number}") for number in (1, 2)]
    for path in sorted((tmp_path / "index").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with pytest.raises(LibraryError, match="holds no registry library"):
        Library(tmp_path)
    assert reindex(tmp_path) == 2
    after = [Library(tmp_path).versions(f"NCT0000000{number}") for number in (1, 2)]
    assert after == before


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with sole_writer(tmp_path), pytest.raises(LibraryError, match="another process is adding"):
        add(tmp_path, [study(1)])


def test_a_damaged_byte_in_a_pack_is_noticed(tmp_path: Path) -> None:
    add(tmp_path, [study(1)])
    (pack,) = (tmp_path / "packs").glob("*.pack")
    data = bytearray(pack.read_bytes())
    data[-1] ^= 1
    pack.write_bytes(bytes(data))
    with pytest.raises(PackError, match=r"000001\.pack, byte 24"):
        Library(tmp_path).raw("NCT00000001")


def many(trials: int) -> list[RawRecord]:
    """Trials in two versions each, the older one after the newer, and some that can't be read."""
    raws = []
    for number in range(trials):
        raws.append(study(number, f"New {number % 97}", "2021-05"))
        raws.append(study(number, f"Old {number % 89}", "2019"))
        if number % 50 == 0:
            raws.append(RawRecord(b'{"protocolSection": %d}' % number, "made", str(number)))
    return raws


@pytest.mark.parametrize("processes", [1, 3])
def test_however_many_processes_prepare_the_library_is_the_same(
    tmp_path: Path, processes: int
) -> None:
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    raws = many(700)
    counts = [
        add(folder, raws, commit_every=300, processes=count)
        for folder, count in ((alone, 0), (beside, processes))
    ]
    assert counts[0] == counts[1]
    assert (counts[0].new, counts[0].changed, counts[0].refused) == (700, 700, 14)
    for kept in ("packs/*", QUARANTINE):
        files = [sorted(folder.glob(kept)) for folder in (alone, beside)]
        assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
    libraries = [Library(folder) for folder in (alone, beside)]
    summaries = [sorted(map(orjson.dumps, library.summaries())) for library in libraries]
    assert summaries[0] == summaries[1]
    assert {orjson.loads(summary)["title"][:3] for summary in summaries[0]} == {"New"}
    for number in ("NCT00000000", "NCT00000699"):
        assert libraries[0].versions(number) == libraries[1].versions(number)
        assert [version.updated for version in libraries[0].versions(number)] == ["2019", "2021-05"]
    assert add(beside, raws, processes=processes).same == 1400
    assert reindex(beside, processes=processes) == 700
    assert sorted(map(orjson.dumps, Library(beside).summaries())) == summaries[0]


def test_answers_come_in_the_order_asked(tmp_path: Path) -> None:
    raws = [study(number).data for number in range(1000)]
    found = prepared(tmp_path, "", enumerate(raws), processes=3)
    assert [(place, made[0]) for place, made in found] == [
        (number, f"NCT{number:08d}") for number in range(1000)
    ]


def test_a_process_that_ends_is_reported_and_leaves_none_behind(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    (folder / "mesh.json").parent.mkdir()
    (folder / "mesh.json").write_text("no table")
    with pytest.raises(LibraryError, match="ended with code 1; what was committed is in"):
        add(folder, [study(number) for number in range(600)], processes=2)
    (folder / "mesh.json").unlink()
    assert add(folder, [study(number) for number in range(600)], processes=2).new == 600


def test_an_index_of_another_release_is_refused_with_the_way_out(tmp_path: Path) -> None:
    add(tmp_path, [study(1)])
    index = tmp_path / "index" / "0001"
    for path in index.iterdir():
        path.unlink()
    tantivy.Index(tantivy.SchemaBuilder().add_text_field("number").build(), str(index))
    for call in (lambda: Library(tmp_path), lambda: add(tmp_path, [study(2)])):
        with pytest.raises(LibraryError, match=r"another release .* reindex --library"):
            call()
    assert reindex(tmp_path) == 1
    assert "NCT00000001" in Library(tmp_path)


_ADDING = """
    import sys
    from pathlib import Path
    import orjson
    from trialwright.registry.library.adding import add
    from trialwright.registry.readers.files import RawRecord

    def studies():
        for number in range(1, 4001):
            module = {"nctId": f"NCT{number:08d}", "briefTitle": "t" * (number % 97)}
            raw = {"protocolSection": {"identificationModule": module}}
            yield RawRecord(orjson.dumps(raw), "test", str(number))

    add(Path(sys.argv[1]), studies(), commit_every=100, processes=int(sys.argv[2]))
"""


def is_running(group: int) -> bool:
    """Whether a process group has a process."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("processes", "after_s"), [(0, 0.5), (0, 0.8), (0, 1.1), (2, 0.8), (2, 1.2), (2, 1.8), (2, 2.6)]
)
def test_killed_at_any_moment_it_is_whole_and_goes_on(
    tmp_path: Path, processes: int, after_s: float
) -> None:
    script = tmp_path / "adding.py"
    script.write_text(textwrap.dedent(_ADDING))
    folder = tmp_path / "library"
    command = [sys.executable, str(script), str(folder), str(processes)]
    process = subprocess.Popen(command, start_new_session=True)
    time.sleep(after_s)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    patience = time.monotonic() + 30
    while is_running(process.pid):  # those beside it see that it is gone
        assert time.monotonic() < patience
        time.sleep(0.05)
    held = 0
    if (folder / "index").exists() and list((folder / "index").glob("*/meta.json")):
        library = Library(folder)
        held = len(library)
        assert held % 100 == 0
        for summary in library.summaries():
            (version,) = library.versions(summary["nct"])
            assert hashlib.sha256(library.raw(summary["nct"])).hexdigest() == version.digest
    subprocess.run(command, check=True)
    library = Library(folder)
    assert len(library) == 4000
    assert all(len(library.versions(summary["nct"])) == 1 for summary in library.summaries())


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_in_whatever_order_records_are_added_the_library_is_the_same(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    def study(title: str, updated: str | None) -> bytes:
        status = {"lastUpdateSubmitDate": updated} if updated else {}
        return json.dumps({"protocolSection": {
            "identificationModule": {"nctId": "NCT00000001", "briefTitle": title},
            "statusModule": status}}).encode()  # fmt: skip

    made = [study("first", "2020-01-01"), study("second", "2021-01-01"),
            study("another of that day", "2021-01-01"), study("without a date", None)]  # fmt: skip
    add(tmp_path, [RawRecord(made[place], "", str(place)) for place in sorted(order)])
    expected = [version.digest for version in Library(tmp_path).versions("NCT00000001")]
    other = tmp_path / "other"
    for place in order:
        add(other, [RawRecord(made[place], "", str(place))])
    assert [v.digest for v in Library(other).versions("NCT00000001")] == expected
    assert Library(other).record("NCT00000001") is not None
