"""A worker of a scenario in a process of its own, which may be killed: `STEP` of its house.

It does what a ring of the broker does.
"""

import sys

from tests.scenarios.house import Standing


def main() -> None:
    """Work the due rows of a step."""
    from tasks.steps import runner
    from workflows.engine import business_clock

    business_clock.datetime = Standing  # type: ignore[attr-defined]
    runner().drain(sys.argv[1])


if __name__ == "__main__":
    main()
