"""Participants of a cut as cells, with their consents, queries and judgements, and back."""

from itertools import groupby

from trialwright.analysis.cut_entries import Query
from trialwright.analysis.cut_judgements import ResultJudgement
from trialwright.analysis.cut_participants import (
    ConsentPart,
    Ending,
    Exclusion,
    Participant,
    Step,
    Treatment,
)
from trialwright.exchange.text_tables import Cells, TextTable


def participant_cells(p: Participant) -> Cells:
    excluded, given = p.exclusion, p.treatment
    return (
        p.code,
        p.site,
        p.screening_number,
        p.state,
        *(
            (excluded.kind, excluded.on, " ".join(excluded.criteria), excluded.reason)
            if excluded
            else ("",) * 4
        ),
        *((given.status, given.on) if given else ("",) * 2),
        p.kind,
        p.linked_to,
        p.arm_of,
        p.group,
    )


def read_participants(
    people: TextTable, steps: TextTable, endings: TextTable
) -> tuple[Participant, ...]:
    def of(table: TextTable) -> dict[str, list[Cells]]:
        rows = sorted(table.rows)
        return {code: list(group) for code, group in groupby(rows, key=lambda row: row[0])}

    steps_of, endings_of = of(steps), of(endings)
    found = []
    for code, site, number, state, kind, on, criteria, why, given, given_on, *links in people.rows:
        found.append(
            Participant(
                code,
                site,
                number,
                state,
                steps=tuple(Step(name, at) for _, name, at in steps_of.get(code, ())),
                exclusion=Exclusion(kind, on, tuple(criteria.split()), why) if kind else None,
                treatment=Treatment(given, given_on) if given else None,
                endings=tuple(
                    Ending(kind, on, tuple(stops.split()), said)
                    for _, kind, on, stops, said in endings_of.get(code, ())
                ),
                **dict(zip(("kind", "linked_to", "arm_of", "group"), links, strict=True)),
            )
        )
    return tuple(found)


def consent_cells(c: ConsentPart) -> Cells:
    told = (c.participant, c.given_at, c.version, c.language, c.explained_by, c.part)
    agreed = "yes" if c.agreed else "no"
    return (*told, agreed, c.withdrawn_on or "", c.reason, c.given_by, c.assent)


def query_cells(q: Query) -> Cells:
    where = (q.participant, q.visit, str(q.occurrence), q.form, str(q.repeat), q.item)
    return (str(q.number), *where, q.status, q.opened_on, q.closed_on or "", q.text)


def judgement_cells(j: ResultJudgement) -> Cells:
    where = (j.participant, j.visit, str(j.occurrence), j.form, str(j.repeat), j.item)
    return (*where, "yes" if j.significant else "no", j.comment, j.judged_on)
