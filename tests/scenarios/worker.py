"""A worker of a scenario in a process of its own, which may be killed: `STEP` of its house.

It does what a ring of the broker does.
"""

import sys

from tests.scenarios.house import StandingClock


def main() -> None:
    """Work the due rows of a step."""
    from tasks.steps import runner
    from workflows.engine import world

    setattr(world, "ShiftedClock", StandingClock)  # noqa: B010 - a name of another's
    runner().drain(sys.argv[1])


if __name__ == "__main__":
    main()
