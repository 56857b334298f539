"""A development set for ranking, made from the real records beside the repository.

Topics are MeSH headings that NLM gave to conditions of the v2 records; a topic's search is another
name of its heading where it has one, so that words alone don't suffice. A trial is relevant (2)
when NLM gave it the heading, and somewhat relevant (1) when it has one below. The library is made
blind: the register's MeSH terms are taken out of each record first. Small, and biased as the
sample is.
"""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import orjson

from trialwright.registry.index.mesh import Mesh
from trialwright.registry.index.words import words_of
from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.library.reindexing import load_mesh_file
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.record.parts import repaired_mesh_id

SHARED = Path(__file__).resolve().parents[2] / "shared" / "registry"
_TOPICS = 150
_FEWEST, _MOST = 4, 120
_SEED = 20260101

Grades = dict[str, dict[str, int]]


def development_set(folder: Path) -> tuple[Library, dict[str, str], Grades]:
    """Make (or reopen) the blind library in a folder, and return it with topics and grades."""
    with gzip.open(SHARED / "studies-v2.ndjson.gz") as lines:
        studies = [orjson.loads(line) for line in lines]
    if not (folder / "index").exists():
        load_mesh_file(folder, SHARED / "mesh" / "mesh2024-descriptors.tsv.gz")
        blind = ({k: v for k, v in s.items() if k != "derivedSection"} for s in studies)
        add(folder, (RawRecord(orjson.dumps(study), "blind", "") for study in blind))
    library = Library(folder)
    return library, *_topics(studies, library.mesh)


def _topics(studies: list[dict], mesh: Mesh) -> tuple[dict[str, str], Grades]:  # type: ignore[type-arg]
    grades: Grades = {}
    for study in studies:
        number = study["protocolSection"]["identificationModule"]["nctId"]
        browse = study.get("derivedSection", {}).get("conditionBrowseModule", {})
        for key, grade in (("ancestors", 1), ("meshes", 2)):
            for term in browse.get(key, ()):
                grades.setdefault(repaired_mesh_id(term["id"]), {})[number] = grade
    chance = random.Random(_SEED)
    able = sorted(
        id
        for id, trials in grades.items()
        if id in mesh.headings and 2 in trials.values() and _FEWEST <= len(trials) <= _MOST
    )
    topics = {}
    for id in chance.sample(able, min(_TOPICS, len(able))):
        heading = mesh.headings[id]
        own = set(words_of(heading.name))
        others = [term for term in heading.terms if set(words_of(term)) != own and "," not in term]
        topics[id] = chance.choice(others) if others else heading.name
    return topics, {id: grades[id] for id in topics}
