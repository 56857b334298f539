"""The library's peers are given what the reader took of the records, each text once."""

import orjson

from bench.registry_peers import Row, plain_tantivy, rows, sqlite

STUDY = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT00000001", "briefTitle": "Zinc in the elderly"},
        "conditionsModule": {"conditions": ["Common cold"]},
        "descriptionModule": {"briefSummary": "Lozenges are taken."},
        "eligibilityModule": {"eligibilityCriteria": "No smokers"},
        "designModule": {"phases": ["PHASE2"]},
    }
}


def test_a_row_has_every_text_of_a_record_in_one_column_each() -> None:
    (row,) = rows([orjson.dumps(STUDY)], 1)
    assert (row.title, row.names) == ("Zinc in the elderly", "Common cold")
    assert row.body.split() == ["Lozenges", "are", "taken.", "No", "smokers"]
    assert "phase:PHASE2" in row.codes


def test_peers_find_a_row_by_a_word_of_any_column() -> None:
    found = Row(7, "Zinc", "Common cold", "No smokers", ["phase:PHASE2"])
    other = Row(8, "Copper", "Influenza", "Adults", ["phase:PHASE3"])
    with sqlite() as base:
        base.add(iter([found, other]))
        for word in ("zinc", "cold", "smokers"):
            assert base.search(word) == ([(7,)], [("phase:PHASE2", 1)])
    with plain_tantivy() as index:
        index.add(iter([found, other]))
        for word in ("zinc", "cold", "smokers"):
            assert index.search(word) == ([7], 1)
