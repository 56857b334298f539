"""Write docs/reference.md: every command, page and setting, from the program's own words.

    python tools/reference.py     (or `make reference`)

A test compares the page with what this makes, so that none goes without its line.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference.md"


def commands() -> Iterator[tuple[str, str]]:
    """Each command with the first sentence of its help, groups by their names."""
    import typer

    from trialwright.cli import app

    def below(command: object, path: str) -> Iterator[tuple[str, str]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield path, _first(getattr(command, "help", None))
        for name in sorted(inner or ()):
            yield from below(inner[name], f"{path} {name}")

    return below(typer.main.get_command(app), "trialwright")


def pages() -> Iterator[tuple[str, str]]:
    """Each address with the first sentence of its view, in the order of the addresses; those of
    programs are described by OpenAPI (`/api/openapi.json`)."""
    from django.urls import URLPattern, get_resolver

    def below(patterns: list, path: str) -> Iterator[tuple[str, str]]:
        for each in patterns:
            here = path + str(each.pattern)
            if here.startswith("api/"):
                continue
            if isinstance(each, URLPattern):
                yield f"/{here}", _first(each.callback.__doc__)
            else:
                yield from below(each.url_patterns, here)

    return iter(sorted(below(get_resolver().url_patterns, "")))


def settings() -> Iterator[tuple[str, str, str]]:
    """Each setting of the environment with what it means and its default."""
    import trialwright.config.settings as module

    yield from re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", module.__doc__ or "", re.MULTILINE)


def _first(words: str | None) -> str:
    """The first sentence, on one line."""
    paragraph = " ".join((words or "").strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.?!]) (?=[A-Z])", paragraph)[0].replace("|", "\\|")


def written() -> str:
    """The whole page."""
    lines = [
        "# Reference",
        "",
        "Made from the program by `make reference`.",
        "",
        "## Commands",
        "",
        "Each has its `--help`.",
        "",
        "| command | what it does |",
        "|---|---|",
        *(f"| `{name}` | {words} |" for name, words in commands()),
        "",
        "## Pages",
        "",
        "An address that a person may not see answers as one that isn't there. Programs have"
        " `/api/`, described at `/api/openapi.json`.",
        "",
        "| address | what it is |",
        "|---|---|",
        *(f"| `{address}` | {words} |" for address, words in pages()),
        "",
        "## Settings",
        "",
        "| variable | meaning | default |",
        "|---|---|---|",
        *(f"| `{name}` | {meaning} | {default} |" for name, meaning, default in settings()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    PAGE.write_text(written(), encoding="utf-8")
