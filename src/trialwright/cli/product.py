"""`trialwright product`: who was given what of which donor and lot, both ways."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from trialwright.cli.common import AsJson
from trialwright.cli.study import By, Study, acting_as, ready

app = typer.Typer(
    name="product", help="Products from donor to participant, both ways.", no_args_is_help=True
)


@app.callback()
def _product() -> None:
    """Keep `trace` a command of its own."""


@app.command()
def trace(
    study: Study,
    code: Annotated[
        str,
        typer.Argument(
            help="The code of a donor, lot, container, participant or child, or the case number "
            "of a pregnancy."
        ),
    ],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Follow a code to everybody who was given of it, with who was told and called."""
    from trialwright.conduct.reads import tracing
    from trialwright.conduct.reads.cases import case_number

    with ready():
        found = tracing.trace(acting_as(by, study), code)
        if as_json:
            print(json.dumps(asdict(found), ensure_ascii=False, default=str))
            return
        print(f"{found.kind} {found.code}: lots {', '.join(found.lots) or 'none'}")
        for line in found.lines:
            told = f"told {line.told:%Y-%m-%d %H:%M}" if line.told else "not yet told"
            called = f"called {line.called:%Y-%m-%d %H:%M}" if line.called else "not yet called"
            donors = "+".join(line.donors) or "no donor"
            state = f", {told}, {called}" if line.notice else ""
            print(
                f"{line.participant}  {line.container}  lot {line.lot}  {donors}  "
                f"{line.amount} {line.unit}  {line.given_at:%Y-%m-%d %H:%M}{state}"
            )
        for each in found.pregnancies:
            outcome = each.outcome or "no outcome yet"
            children = ", ".join(child.code for child in each.children) or "no child"
            print(f"{each.code}  {case_number(study, each.case)}  {outcome}  {children}")
        print(f"{len(found.participants)} participants; {found.not_given} containers not given")
