"""Measure tables: ``python -m bench [NAME ...]``, all of them without a name."""

import sys
from importlib import import_module

TABLES = ("errors", "logs", "throughput", "timelines")


def main(names: list[str]) -> int:
    """Print each table once it is measured; return 1 if a bound is exceeded."""
    kept = True
    for name in names or TABLES:
        table = import_module(f"bench.{name}").measure()
        print(table, flush=True)
        kept = kept and table.kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
