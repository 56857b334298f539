"""`python -m bench [NAME…]`: run the named measurements, or all, each a module with `run()`."""

import argparse
import inspect
import pkgutil
from importlib import import_module

import bench


def main() -> None:
    """Each module's `run` gives the lines to print, as they come; helpers have none."""
    names = [each.name for each in pkgutil.iter_modules(bench.__path__) if each.name != "__main__"]
    runs = {name: getattr(import_module(f"bench.{name}"), "run", None) for name in names}
    found = [name for name, run in runs.items() if run]
    asks = argparse.ArgumentParser(prog="python -m bench")
    asks.add_argument("names", nargs="*", metavar="NAME", help=", ".join(found))
    asks.add_argument("--participants", type=int, help="the size, for measurements that have one")
    given = asks.parse_args()
    for name in given.names or found:
        if name not in found:
            asks.error(f"{name} is no measurement; they are {', '.join(found)}")
        run = runs[name]
        sized = given.participants and "participants" in inspect.signature(run).parameters
        for line in run(participants=given.participants) if sized else run():
            print(line, flush=True)


if __name__ == "__main__":  # a measurement may start processes, which read this file again
    main()
