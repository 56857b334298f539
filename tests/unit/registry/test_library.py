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

from trialwright.registry.adding import QUARANTINE, add, reindex, sole_writer
from trialwright.registry.library import Library, LibraryError, NotInLibraryError
from trialwright.registry.packs import PackError
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.sample import sample_bytes


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
    assert [card["title"] for card in library.cards()] == ["New"]
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


def test_an_open_reader_sees_what_is_added_and_a_new_index(tmp_path: Path) -> None:
    add(tmp_path, [study(1)])
    library = Library(tmp_path)
    add(tmp_path, [study(2)])
    assert "NCT00000002" in library
    assert reindex(tmp_path) == 2
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


_ADDING = """
    import sys
    from pathlib import Path
    import orjson
    from trialwright.registry.adding import add
    from trialwright.registry.readers.files import RawRecord

    def studies():
        for number in range(1, 4001):
            module = {"nctId": f"NCT{number:08d}", "briefTitle": "t" * (number % 97)}
            raw = {"protocolSection": {"identificationModule": module}}
            yield RawRecord(orjson.dumps(raw), "test", str(number))

    add(Path(sys.argv[1]), studies(), commit_every=100)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after_s", [0.5, 0.8, 1.1, 1.6])
def test_killed_at_any_moment_it_is_whole_and_goes_on(tmp_path: Path, after_s: float) -> None:
    script = tmp_path / "adding.py"
    script.write_text(textwrap.dedent(_ADDING))
    folder = tmp_path / "library"
    command = [sys.executable, str(script), str(folder)]
    process = subprocess.Popen(command)
    time.sleep(after_s)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    held = 0
    if (folder / "index").exists() and list((folder / "index").glob("*/meta.json")):
        library = Library(folder)
        held = len(library)
        assert held % 100 == 0
        for card in library.cards():
            (version,) = library.versions(card["nct"])
            assert hashlib.sha256(library.raw(card["nct"])).hexdigest() == version.digest
    subprocess.run(command, check=True)
    library = Library(folder)
    assert len(library) == 4000
    assert all(len(library.versions(card["nct"])) == 1 for card in library.cards())
