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

    The cache is keyed by package version, kernel source and numba version here, and by processor
    in numba's own index; TRIALWRIGHT_CACHE_DIR names another folder.
    """
    import numba

    source = Path(kernels.__file__)
    folder = _cache_folder(source.read_bytes(), numba.__version__)
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
        spec = importlib.util.spec_from_file_location(name, source)
        if spec is None or spec.loader is None:
            raise ImportError(f"{source} can't be loaded as a module.")
        module = importlib.util.module_from_spec(spec)
        compiling = partial(numba.njit, cache=True, nogil=True, error_model="numpy")
        module.__dict__["jit"] = compiling()
        module.__dict__["borrowing"] = compiling(_nrt=False)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    finally:
        config.CACHE_DIR = previous
    return module


def _cache_folder(source: bytes, numba_version: str) -> Path:
    chosen = os.environ.get("TRIALWRIGHT_CACHE_DIR")
    base = os.environ.get("XDG_CACHE_HOME")
    root = Path(chosen) if chosen else Path(base) if base else Path.home() / ".cache"
    key = hashlib.sha256(source + numba_version.encode()).hexdigest()[:12]
    return root / "trialwright" / f"{__version__}-{key}"
