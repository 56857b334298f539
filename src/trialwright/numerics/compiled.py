"""The kernels, compiled by numba on first use and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from trialwright import __version__
from trialwright.numerics import kernels


@cache
def load() -> ModuleType:
    """`kernels` with every function compiled; the first call of each takes some seconds, once.

    The cache is keyed by package version, kernel sources and numba version here, and by processor
    in numba's own index; TRIALWRIGHT_CACHE_DIR names another folder.
    """
    import numba

    source = Path(kernels.__file__)
    folder = _cache_folder(source.parent, numba.__version__)
    if not folder.exists():
        print(  # noqa: T201
            "Compiling the design engine, once on this machine (about 15 seconds) …",
            file=sys.stderr,
            flush=True,
        )
    config: Any = numba.config
    previous = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        name = f"{kernels.__name__}_compiled"
        spec = importlib.util.spec_from_file_location(
            name, source, submodule_search_locations=[str(source.parent)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"{source} can't be loaded as a package.")
        package = importlib.util.module_from_spec(spec)
        compiling = partial(numba.njit, cache=True, nogil=True, error_model="numpy")
        marks: Any = ModuleType(f"{name}.marks")
        marks.jit, marks.borrowing = compiling(), compiling(_nrt=False)
        sys.modules[name], sys.modules[marks.__name__] = package, marks
        spec.loader.exec_module(package)
    finally:
        config.CACHE_DIR = previous
    return package


def _cache_folder(sources: Path, numba_version: str) -> Path:
    """A folder for these kernels alone: numba looks only whether a function's own file changed."""
    chosen = os.environ.get("TRIALWRIGHT_CACHE_DIR")
    base = os.environ.get("XDG_CACHE_HOME")
    root = Path(chosen) if chosen else Path(base) if base else Path.home() / ".cache"
    texts = [path.read_bytes() for path in sorted(sources.glob("*.py"))]
    key = hashlib.sha256(b"".join(texts) + numba_version.encode()).hexdigest()[:12]
    return root / "trialwright" / f"{__version__}-{key}"
