"""What the tests of forking run as a process: it tells what it is, and then ends or waits."""

import json
import os
import random
import secrets
import signal
import sys
import uuid
from pathlib import Path


def told() -> dict[str, object]:
    """Return what a process can say about itself."""
    return {
        "argv": sys.argv[1:],
        "command": Path("/proc/self/cmdline").read_text().rstrip("\0").split("\0"),
        "environment": {key: value for key, value in os.environ.items() if key != "LC_CTYPE"},
        "folder": str(Path.cwd()),
        "parent": os.getppid(),
        "leads": os.getsid(0) == os.getpid(),
        "loaded": "sqlalchemy" in sys.modules,
        "name": __name__,
        "chance": [random.random(), str(uuid.uuid4()), secrets.token_hex(8)],
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1],  # noqa: PTH208
    }


def main() -> None:
    """Tell, then do what the first word says."""
    print(json.dumps(told()), flush=True)
    match sys.argv[1]:
        case "end":
            raise SystemExit(int(sys.argv[2]))
        case "fail":
            raise RuntimeError("on purpose")
        case _:
            signal.pause()


if __name__ == "__main__":
    main()
