"""Why a letter that came in is nobody's yet, in words for whoever looks at it.

The codes are those of `correspondence/threads.py`, of `owners.py`, and the kinds of machine mail.
"""

from workflows.engine.deciding import Trouble

WHY_NOT_SURE = {
    "bounce": Trouble(
        stopped="A letter came back and fits no case",
        do="Open it and see which letter did not arrive, then mend that address.",
    ),
    "alarm_bounce": Trouble(
        stopped="An alarm to somebody of the team did not arrive",
        patient="Whoever should hear of a patient in danger may not hear of it.",
        do="Open it, see whose address it is, and mend that address among the users.",
    ),
    "draft_bounce": Trouble(
        stopped="The link to an inquiry that is being written did not arrive",
        patient="Somebody who began an inquiry cannot take it up again.",
        do="Nothing, unless they call: the address was typed by them.",
    ),
    "return_path": Trouble(
        stopped="A machine answered a letter of ours, and it is not clear what it says",
        patient="The letter may not have arrived.",
        do=(
            "Read it. Where it says that the address is dead, ask for another; then "
            "give it to its thread or its case."
        ),
    ),
    "other_address": Trouble(
        stopped="An answer to a letter to a family comes from another address",
        patient="It may be a relative's, or the patient's from a second mailbox.",
        do=(
            "Read it. Give it to the case when it is surely of the patient or somebody "
            "near; its files come along then."
        ),
    ),
    "only_address": Trouble(
        stopped="A letter has a patient's address, and nothing proves that it is from there",
        patient="Their question or their papers wait for you.",
        do="Read it. Give it to the case when it is surely theirs; its files come along then.",
    ),
    "look_alike": Trouble(
        stopped="A letter comes from a domain that looks like a hospital's and is another",
        patient="If it is real, it is an answer that nobody has acted on.",
        do=(
            "Nothing has moved because of it, though it answers our letter: somebody may read the "
            "hospital's mail. Ask the hospital by telephone before you believe a word of it."
        ),
    ),
    "ended_case": Trouble(
        stopped="A letter answers a case that has ended",
        patient="The case is closed; somebody writes all the same.",
        do="Read it. Give it to the case, or put it aside.",
    ),
    "erased_case": Trouble(
        stopped="A letter answers a case whose data are erased",
        patient="Nothing is known of this patient any more, by their wish or by law.",
        do="Read it; answer by hand if it needs an answer. It cannot be given to that case.",
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
}
