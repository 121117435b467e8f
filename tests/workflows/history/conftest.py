"""A case that a clinician has signed, with a signed head over it, and ways to forge."""

import pytest

from tests.workflows.acts import to_clinician
from tests.workflows.history.forging import SIGN, by_itself
from tests.workflows.playing import Play


@pytest.fixture
def story(play: Play) -> Play:
    """A case that a clinician has signed, its head signed too."""
    to_clinician(play)
    play.sign("suitable_for_outreach")
    by_itself(play, SIGN)
    return play
