from typer.testing import CliRunner

from trialwright import __version__
from trialwright.cli import app


def test_the_command_prints_its_version() -> None:
    result = CliRunner().invoke(app, ["version"])
    assert result.exit_code == 0
    assert result.output.strip() == __version__
