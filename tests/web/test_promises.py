"""The patients' pages promise no deletion and no telling that nothing in the system does."""

import re
from collections.abc import Callable
from hashlib import sha256

from tests.web.parts import Visitor
from tests.web.test_portal_home import path_of
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play
from web.home_words import SCOPES
from web.pages.portal_steps import PERMISSION_VERSION, STEPS

Visit = Callable[..., Visitor]
PROMISED = re.compile(
    r"\bwe delete\b|\bare deleted\b|\bwe ask (?:every|the) hospitals?\b|\bwill be deleted\b", re.I
)


def test_leaving_says_that_a_person_answers_about_deletion(visit: Visit, play: Play) -> None:
    to_outreach(play)
    visitor, path = visit(), path_of(play)
    before = visitor.get(f"{path}/withdraw").text
    after = visitor.send(f"{path}/withdraw", {"sure": "yes"}, f"{path}/withdraw").text
    for page in (before, after):
        assert not PROMISED.search(re.sub(r"<[^>]+>", " ", page))
    assert "Your papers stay with us at first." in before and "a person answers you" in before
    assert "which of them we have written to" in after


def test_taking_a_permission_back_is_done_by_a_person() -> None:
    for scope in SCOPES.values():
        assert not PROMISED.search(scope.back)


def test_the_words_of_the_first_permission_belong_to_their_version() -> None:
    """Who agreed agreed to these words: other words need another PERMISSION_VERSION."""
    (agree,) = [field for step in STEPS for field in step.fields if field.kind == "agree"]
    words = f"{agree.label} {agree.hint}"
    assert not PROMISED.search(words)
    known = sha256(words.encode()).hexdigest()[:12]
    assert (PERMISSION_VERSION, known) == ("intake-2", "d29bad887294")
