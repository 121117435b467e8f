"""What a person does when a patient's page is asked for, or knocked at, again and again."""

from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, DONE, Choice, Deciding, Question
from workflows.letters.own_page import end_links

LETTER = "M41"


def _end_links(deciding: Deciding) -> None:
    end_links(deciding.recorder, deciding.case_id, deciding.actor.ref)
    deciding.request(LETTER)


QUESTIONS = {
    "look_at_page": Question.of(
        "Links or codes of the patient's page are asked for again and again: speak with the family",
        COORDINATORS,
        {
            **DONE,
            "end_links": Choice(
                "Somebody else has a link: end all that were sent, and send the patient a new one",
                _end_links,
                raises=Raises(requests=(LETTER,), letters=(LETTER,)),
                will="No link that was sent opens the page any more. The patient gets a letter "
                "with a new one.",
            ),
        },
    )
}
