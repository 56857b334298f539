"""What `trialwright study simulate` does and prints."""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from trialwright.conduct.actions.simulating import SimulatedOnce
    from trialwright.simulation.answers import DrawnAnswer
    from trialwright.simulation.run import Simulated

_MOST_NAMES = 12
"""Of one kind of thing never reached, so many are named; `--json` names all."""


def simulate(
    file: Path, participants: int, seeds: int, output: Path | None, *, as_json: bool
) -> None:
    """Simulate a protocol file with seeds 1, 2, 3 and so on; exits with 1 where one fails."""
    from trialwright.config import scratch
    from trialwright.protocol.problems import ProtocolFileError

    source, passed = file.read_bytes(), True
    with scratch.server():
        from trialwright.simulation.run import simulate as run
        from trialwright.simulation.scratch import scratch as databases

        try:
            with databases() as base:
                for seed in range(1, seeds + 1):
                    with base.database():
                        done = run(source, str(file), participants=participants, seed=seed)
                    passed &= done.passed
                    if output is not None:
                        _write(done, output)
                    if as_json:
                        print(json.dumps(as_plain(done), ensure_ascii=False))
                    else:
                        _tell(done)
        except ProtocolFileError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
    if not passed:
        raise typer.Exit(1)


def simulate_apart(file: Path, participants: int, seeds: int) -> list[dict[str, Any]]:
    """Simulate a file in a process of its own, which this installation has no part in.

    Returns what each seed came to, as `--json` prints it; exits where the file can't be simulated.
    """
    command = [
        sys.executable, "-m", "trialwright", "study", "simulate", str(file), "--json",
        "--participants", str(participants), "--seeds", str(seeds),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if len(told) != seeds:
        typer.echo(done.stderr.strip() or "The simulation ended without a result.", err=True)
        raise typer.Exit(1)
    return told


def once(told: dict[str, Any]) -> "SimulatedOnce":
    """What one seed came to, as it is recorded in a study."""
    from trialwright.conduct.actions.simulating import SimulatedOnce

    answers = [f"The file leaves it open: {key}" for key in told["answers"]]
    return SimulatedOnce(
        seed=told["seed"],
        enrolled=told["enrolled"],
        failures=tuple(answers + told["failures"]),
        never=told["never"],
        cut_sha256=told["cut_sha256"],
        report_sha256=told["report_sha256"],
    )


@contextmanager
def kept_in_a_file(source: bytes) -> Iterator[Path]:
    """Have the bytes of a protocol in a file for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="trialwright-") as folder:
        file = Path(folder) / "protocol.yaml"
        file.write_bytes(source)
        yield file


def as_plain(done: "Simulated") -> dict[str, object]:
    """The outcome of one seed as it is printed in JSON."""
    return {
        "study": done.protocol.identifier,
        "file_sha256": done.file_sha256,
        "asked": done.asked,
        "seed": done.seed,
        "passed": done.passed,
        "failures": list(done.failures),
        "never": len(done.coverage.never),
        "answers": {each.key: each.text for each in done.answers},
        "rows": done.rows,
        "cut_sha256": done.cut_sha256,
        "report_sha256": done.report_sha256,
        "problems": list(done.problems),
        **(asdict(done.coverage) | {"never": len(done.coverage.never)}),
    }


def _listed(answers: "tuple[DrawnAnswer, ...]") -> str:
    return f"{', '.join(each.key for each in answers)} ({len(answers)} answers, origin assumed)"


def _write(done: "Simulated", output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    begin = output / f"{done.protocol.identifier}-seed-{done.seed}"
    for name, text in (("report", done.pooled), ("report-by-arm", done.by_arm)):
        Path(f"{begin}-{name}.html").write_text(text, encoding="utf-8")
    Path(f"{begin}-cut.bin").write_bytes(done.cut)
    plain = json.dumps(as_plain(done), ensure_ascii=False, indent=1)
    Path(f"{begin}-coverage.json").write_text(plain + "\n", encoding="utf-8")


def _tell(done: "Simulated") -> None:
    covered = done.coverage
    said = "as it was entered" if not done.problems else f"{len(done.problems)} findings"
    print(
        f"{done.protocol.identifier}, seed {done.seed}: {covered.screened} screened, "
        f"{covered.enrolled} entered, {covered.completed} completed; {covered.actions:,} actions, "
        f"{done.rows:,} rows of the ledger, {said}."
    )
    print("  passed" if done.passed else "  did not pass:")
    for failure in done.failures:
        print(f"  ! {failure}")
    print(f"  cut {done.cut_sha256[:16]}  reports {done.report_sha256[:16]}")
    if done.answers:
        print(f"  made up, since the file leaves it open: {_listed(done.answers)}")
    for name in covered.unmet:
        print(f"  not found: {name}")
    reached = len(covered.lines) - len(covered.never)
    print(f"  reached {reached} of {len(covered.lines)}; never:")
    kinds = Counter(line.kind for line in covered.never)
    for kind, count in kinds.items():
        names = [line.name for line in covered.never if line.kind == kind]
        more = f" and {count - _MOST_NAMES} more" if count > _MOST_NAMES else ""
        print(f"    {kind}: {', '.join(names[:_MOST_NAMES])}{more}")
