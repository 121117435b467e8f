"""Who acts at a terminal: a role, and a name where two people of a role must differ."""

import pytest

from cli.acting import actor_of
from cli.errors import CommandError


def test_two_clinicians_at_one_terminal_are_two_people() -> None:
    assert actor_of("clinician").ref == "cli:clinician"
    assert (actor_of("clinician:a").type, actor_of("clinician:a").ref) == ("clinician", "cli:a")
    assert actor_of("clinician:a") != actor_of("clinician:b")


@pytest.mark.parametrize("role", ["surgeon", "", ":a", "clinician:", "clinician:two words",
                                  "clinician:" + "x" * 31, "surgeon:a"])  # fmt: skip
def test_what_is_no_role_or_no_code_is_refused(role: str) -> None:
    with pytest.raises(CommandError, match="--as"):
        actor_of(role)
