"""Stories are told again: to see whether they still fail, and to make them short."""

from tests.simulation.acts import Story
from tests.simulation.checks import Wrong
from tests.simulation.ground import Ground
from tests.simulation.living import Found
from tests.simulation.shrinking import shrink


def fails_on(ground: Ground, story: Story) -> Wrong | None:
    """Tell a story in an empty house; return the first thing that is wrong."""
    with ground.house() as house:
        try:
            house.tell(story)
        except Wrong as wrong:
            return wrong
    return None


def retold(ground: Ground, found: Found) -> Story:
    """Return the shortest story that shows what was found, of the life alone if that will do."""
    alone = found.story.of(found.life)
    what = found.wrong.what
    wrong = fails_on(ground, alone)
    whole = alone if wrong is not None and wrong.what == what else found.story
    return shrink(whole, what, lambda story: fails_on(ground, story))
