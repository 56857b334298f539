"""The marks of a kernel: nothing here, and numba's in the copy that `compiled.load` makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    """Return the function as it is, to be compiled in the other copy."""
    return function


borrowing = jit
"""The same for a function that makes no array and gives none back: it works on those of its
caller, and is compiled without counting who holds them, which took most of the time."""
