"""A worker of a scenario in a process of its own, which may be killed: `STEP` of its house.

It does what a ring of the broker does, until it has worked a row.
"""

import sys
import time

from tests.scenarios.house import Standing


def main() -> None:
    """Work the due rows of a step; wait for a row whose lost worker's lease runs out."""
    from tasks.steps import runner
    from workflows.engine import business_clock

    business_clock.datetime = Standing  # type: ignore[attr-defined]
    deadline = time.monotonic() + 60
    while not runner().drain(sys.argv[1]) and time.monotonic() < deadline:
        time.sleep(0.1)


if __name__ == "__main__":
    main()
