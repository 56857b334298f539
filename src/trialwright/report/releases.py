"""The releases of the program and of what it computes with, as reports name them."""

from importlib.metadata import version

from trialwright import __version__

_COMPUTE = ("numpy", "scipy", "numba")


def releases() -> str:
    """Return them in one line, this program's own first."""
    beside = (f"{name} {version(name)}" for name in _COMPUTE)
    return ", ".join([f"Trialwright {__version__}", *beside])
