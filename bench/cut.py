"""A data cut out of the database and its report, from a demonstration built by the real actions.

    python -m bench cut --participants 5000

The demonstration is built once, in var/bench-cut-N, and kept for the next run; a building broken
off goes on. Cut and report are made by what the pages call, in a process of its own whose peak
memory is given; the files are then written twice more from one state and compared byte for byte.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

from bench.measuring import Found, apart, peak_mb, processor_seconds, server_of_this_connection

PARTICIPANTS = 50
LIMIT_SECONDS, LIMIT_MB = 60, 1_000
STUDY = "DEMO-HAEC-01"


def run(participants: int = PARTICIPANTS) -> Iterator[str]:
    """Lines to print, as they come."""
    home = Path(__file__).parent.parent / "var" / f"bench-cut-{participants}"
    os.environ["TRIALWRIGHT_HOME"] = str(home)
    from trialwright.config import starting

    with starting.database():
        starting.migrate()
        yield from _built(participants)
        steps, megabytes, told = apart(_in_django, _cut_and_report)
        clock, core = (sum(each[at] for each in steps.values()) for at in (0, 1))
        parts = ", ".join(f"{name} {seconds[1]:.1f}" for name, seconds in steps.items())
        yield f"  cut and report: {clock:.1f} s by the clock, {megabytes:,.0f} MB; {told}"
        yield f"  {core:.1f} s of a core, the database server's work included: {parts}"
        within = clock < LIMIT_SECONDS and megabytes < LIMIT_MB
        yield f"  limits {LIMIT_SECONDS} s and {LIMIT_MB} MB: {'held' if within else 'NOT held'}"
        yield f"  {apart(_in_django, _twice)}"


def _built(participants: int) -> Iterator[str]:
    from trialwright.conduct.models import Participant
    from trialwright.config.home import secret
    from trialwright.demonstration.ensuring import ensure

    before = time.process_time()
    told: list[str] = []
    ensure(participants, secret=secret("demonstration"), tell=told.append)
    yield from (f"  {line}" for line in told if line.startswith("Built"))
    own = time.process_time() - before
    if own > 1:
        yield f"  of which {own:.0f} s of a core were this process's"
    rows = Participant.objects.filter(randomised_at__isnull=False).count()
    screened = Participant.objects.count()
    yield f"cut of a demonstration with {rows:,} randomised, {screened:,} screened"


def _in_django(work: Callable[[], Found]) -> Found:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "trialwright.config.settings"
    django.setup()
    return work()


def _cut_and_report() -> tuple[dict[str, tuple[float, float]], float, str]:
    from trialwright.accounts.models import Person
    from trialwright.conduct.actions.cutting import cut_data
    from trialwright.conduct.cut import store as cut_store
    from trialwright.conduct.reads.cuts import report_of
    from trialwright.conduct.reads.people import actor_of
    from trialwright.report.html import render_html
    from trialwright.report.typst import render_pdf

    by = actor_of(Person.objects.get(username="jiang"), STUDY)
    name, server = f"bench-{uuid4().hex[:8]}", server_of_this_connection()
    steps: dict[str, tuple[float, float]] = {}
    began = time.perf_counter(), processor_seconds(server)

    def step(of: str) -> None:
        nonlocal began
        now = time.perf_counter(), processor_seconds(server)
        steps[of] = now[0] - began[0], now[1] - began[1]
        began = now

    cut_data(by=by, name=name)
    step("cut")
    after_cut = peak_mb()
    document = report_of(by, name, language="en")
    step("read and analyse")
    html = render_html(document)
    step("HTML")
    pdf = render_pdf(document)
    step("PDF")
    files = list((cut_store.folder_of(STUDY, name) / "open").iterdir())
    size = sum(file.stat().st_size for file in files) / 1e6
    told = (
        f"{after_cut:,.0f} MB after the cut, {len(files)} files of {size:.1f} MB, "
        f"HTML {len(html) / 1000:,.0f} kB, PDF {len(pdf) / 1000:,.0f} kB"
    )
    return steps, peak_mb(), told


def _twice() -> str:
    """The same state cut twice, into two folders."""
    from django.utils import timezone

    from trialwright.conduct.acting import protocol_of
    from trialwright.conduct.cut.making import open_cut
    from trialwright.conduct.models import Study
    from trialwright.exchange.cut_files import write_cut

    study = Study.objects.select_related("version").get()
    assert study.version is not None
    protocol, at = protocol_of(study.version), timezone.now()
    written = []
    for _ in range(2):
        cut = open_cut(study, protocol, "twice", at)
        with tempfile.TemporaryDirectory() as folder:
            write_cut(cut, Path(folder) / "open", protocol)
            files = sorted((Path(folder) / "open").iterdir())
            written.append([(file.name, file.read_bytes()) for file in files])
    values = sum(len(entry.values) for entry in cut.entries)
    same = "the same" if written[0] == written[1] else "NOT the same"
    return f"{len(cut.entries):,} entries, {values:,} values; cut twice: {same} bytes"
