"""PDF/A-2a and PDF/UA-1 by a validator from outside: veraPDF, where it is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bench.synthetic_cut import synthetic_cut
from trialwright.demonstration.protocol import demonstration
from trialwright.design import Boin
from trialwright.report.design import design_report
from trialwright.report.designs.asking import usual_question
from trialwright.report.document import Document
from trialwright.report.trial import trial_report
from trialwright.report.typst import render_pdf

VERAPDF = shutil.which("verapdf")


def of_trial() -> Document:
    protocol = demonstration()
    return trial_report(synthetic_cut(protocol, 30)[0], protocol, language="en")


def of_design() -> Document:
    design = Boin(target=0.3, doses=3)
    return design_report([design], usual_question(design), language="en")


@pytest.mark.skipif(
    VERAPDF is None, reason="veraPDF isn't installed (a Java program; not in Debian)."
)
@pytest.mark.parametrize("flavour", ["2a", "ua1"])
@pytest.mark.parametrize("document", [of_trial, of_design])
def test_verapdf_finds_no_broken_rule(document, flavour: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert VERAPDF is not None
    file = tmp_path / "report.pdf"
    file.write_bytes(render_pdf(document()))
    said = subprocess.run(
        [VERAPDF, "--flavour", flavour, "--format", "text", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.stdout.startswith("PASS"), said.stdout + said.stderr
