"""What the repair desk says of a letter that no rule could place, by why."""

from workflows.engine.deciding import Trouble

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
        "bounce": Trouble(
            stopped="A letter came back and fits no case",
            do="Open it and see which letter did not arrive, then mend that address.",
        ),
        "not_authentic": Trouble(
            stopped="A letter may be forged: the mail server says it is not from there",
            patient="If it is real, it is an answer that nobody has acted on.",
            do=(
                "Nothing has moved because of it. Ask the sender on a way you know, by "
                "telephone, before you give it to a thread or a case."
            ),
        ),
        "two_threads": Trouble(
            stopped="A letter was sent to the addresses of two threads",
            do="Read it and give it to the thread it is about.",
        ),
        "other_case": Trouble(
            stopped="A letter answers one case and names another",
            do="Read it and give it to the case it is really about.",
        ),
        "only_reference": Trouble(
            stopped="A letter names a case, and nothing proves who wrote it",
            do="See from the sender and the text whose it is; then give it to its thread.",
        ),
        "only_sender": Trouble(
            stopped="A letter comes from a hospital's address and names no case",
            do="Read which patient it is about; then give it to that thread.",
        ),
        "complaint": Trouble(
            stopped="A letter of ours was reported as unwanted",
            patient="Our next letters may not arrive.",
            do="Ask whether they still want to be written to, by telephone.",
        ),
        "auto_reply": Trouble(
            stopped="An automatic answer fits no case",
            patient="Seldom anything; an absence note may name a deputy.",
        ),
    },
)
