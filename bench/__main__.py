"""`python -m bench [NAME…]`: run the named measurements, or all, each a module with `run()`."""

import pkgutil
import sys
from importlib import import_module

import bench


def main(names: list[str]) -> None:
    """Each module's `run` gives the lines to print, as they come; helpers have none."""
    for name in names or [found.name for found in pkgutil.iter_modules(bench.__path__)]:
        if name != "__main__":
            run = getattr(import_module(f"bench.{name}"), "run", list)
            for line in run():
                print(line, flush=True)


if __name__ == "__main__":  # a measurement may start processes, which read this file again
    main(sys.argv[1:])
