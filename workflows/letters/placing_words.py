"""What the repair desk says of a letter that no rule could place, by why."""

from workflows.engine.deciding import Trouble
from workflows.letters.doubts import WHY_NOT_SURE

TROUBLE = Trouble(
    stopped="A letter fits no case",
    patient="It may be a hospital's answer or a patient's question that nobody reads.",
    do=(
        "Open each, read it and give it to its thread. Put aside only what is surely "
        "not about a case."
    ),
    codes={
        "wrong_place": Trouble(
            stopped="A letter lies in a wrong place",
            patient="What it says may be acted on for somebody else.",
            do="Give it to its place, and say why. What it moved is named to a person there.",
        ),
        "taken_up": Trouble(stopped="A letter that was set aside is looked at again"),
        "several_patients": Trouble(
            stopped="A hospital's letter speaks of several patients",
            do="Give it to each of their cases or threads; its files only where they belong.",
        ),
        **WHY_NOT_SURE,
    },
)
