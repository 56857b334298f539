"""A data cut and its report, of 50 and of 5,000 participants, each in a process of its own.

Each line gives the seconds of every step and the most memory the process held. Making up the
cut is not part of the time: a live one comes from the ledger.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measuring import apart, peak_mb

SIZES = (50, 5_000)
LIMIT_SECONDS, LIMIT_MB = 60, 1_000


def run() -> Iterator[str]:
    """One line for each size, and whether the limits hold for the largest."""
    yield "A data cut and its report (files written and read back, HTML and PDF in English)"
    for size in SIZES:
        steps, megabytes, pages = apart(_measure, size)
        total = sum(steps.values())
        told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in steps.items())
        yield f"  {size:>5,} participants: {total:5.1f} s ({told}), {megabytes:,.0f} MB, {pages}"
    within = total < LIMIT_SECONDS and megabytes < LIMIT_MB
    yield f"  limits {LIMIT_SECONDS} s and {LIMIT_MB} MB: {'held' if within else 'NOT held'}"


def _measure(size: int) -> tuple[dict[str, float], float, str]:
    from bench.synthetic_cut import synthetic_cut
    from trialwright.demonstration.protocol import demonstration
    from trialwright.exchange.cut_files import read_cut, write_cut
    from trialwright.report.html import render_html
    from trialwright.report.trial import trial_report
    from trialwright.report.typst import render_pdf

    protocol = demonstration()
    cut, _ = synthetic_cut(protocol, size)
    values = sum(len(entry.values) for entry in cut.entries)
    steps: dict[str, float] = {}
    began = time.perf_counter()

    def step(name: str) -> None:
        nonlocal began
        now = time.perf_counter()
        steps[name] = now - began
        began = now

    with tempfile.TemporaryDirectory() as folder:
        write_cut(cut, Path(folder) / "cut", protocol)
        step("write")
        del cut
        cut = read_cut(Path(folder) / "cut")
        step("read")
    document = trial_report(cut, protocol, language="en")
    step("analyse")
    html = render_html(document)
    step("HTML")
    pdf = render_pdf(document)
    step("PDF")
    told = f"{values:,} values, PDF {len(pdf) / 1000:,.0f} kB, HTML {len(html) / 1000:,.0f} kB"
    return steps, peak_mb(), told
