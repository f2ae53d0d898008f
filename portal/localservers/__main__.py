"""`python -m portal.localservers DATA_DIR`: keep both servers up, until told to stop.

`manage.py serve` runs this beside web and workers, so that a server that was killed is back in
seconds. It loads no Django.
"""

import argparse
import sys
import time
from pathlib import Path

from portal import localservers

_EVERY_SECONDS = 2.0


def keep_servers(data_dir: Path) -> None:
    """Look after the servers for ever."""
    while True:
        try:
            localservers.ensure_servers(data_dir)
        except localservers.Unavailable as error:
            sys.stderr.write(f"{error}\n")
        time.sleep(_EVERY_SECONDS)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m portal.localservers", description=keep_servers.__doc__)
    parser.add_argument("data_dir", type=Path)
    keep_servers(parser.parse_args().data_dir)
