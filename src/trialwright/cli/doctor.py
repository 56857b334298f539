"""`trialwright doctor`: is everything around the program as it should be?"""

import json

import typer

from trialwright.cli.common import AsJson


def doctor(as_json: AsJson = False) -> None:
    """Look at versions, permissions, clock, disk, mail, witness, signing and backups; exit code 1
    if something is wrong."""
    from trialwright.config import starting

    with starting.installation():
        from trialwright.backup.doctor import findings

        found = findings()
    if as_json:
        print(json.dumps([{"about": each.about, "well": each.well, "said": each.said}
                          for each in found], ensure_ascii=False, indent=1))  # fmt: skip
    else:
        for each in found:
            typer.echo(f"{'ok' if each.well else '! '}  {each.about}: {each.said}")
    if not all(each.well for each in found):
        raise typer.Exit(1)
