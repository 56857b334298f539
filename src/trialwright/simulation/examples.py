"""Protocols of registered trials of several kinds, written as examples and kept as demonstrations.

Facts of each record are marked as stated; all else is assumed. `examples()` names them.
"""

from importlib.resources import files

_FOLDER = files("trialwright.protocol").joinpath("examples")


def examples() -> tuple[str, ...]:
    """The names of the examples, which are the trials' numbers in small letters."""
    names = (each.name for each in _FOLDER.iterdir() if each.name.endswith(".yaml"))
    return tuple(sorted(name.removesuffix(".yaml") for name in names))


def example(name: str) -> bytes:
    """The file of one."""
    return _FOLDER.joinpath(f"{name}.yaml").read_bytes()
