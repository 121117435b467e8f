"""What a family presses on its own page, sensible or not."""

from random import Random

from tests.simulation.acts import Act, act
from tests.simulation.mails import FAMILY
from tests.simulation.values import HOSPITALS, ITEMS
from workflows.portal.acts import SIGNS

TEXTS = ("How are things?", "", "My MRI is done.")
TAPS = ("done", "problem", "call_me", "booked", "not_yet", "stop", "none")
SIGNERS = ("", "patient", "guardian", "relative")
ANSWERS = ("accepted", "declined", "renew", "wants_more", "declined_all")
PRESSED = (
    ("message", 3, 3), ("danger", 1, 1), ("signs", 1, 1), ("tap", 4, 4), ("process", 3, 3),
    ("hospitals", 3, 3), ("own", 1, 1), ("take_back", 0.4, 2), ("hospital_back", 0.4, 2),
    ("withdraw", 0.1, 1), ("data", 0.3, 1), ("items", 1, 1), ("decides", 2, 2),
)  # fmt: skip
"""What is pressed, how often by steady people and how often by others."""


def on_page(chance: Random, *, steady: bool) -> Act:
    """Return what somebody does on the page of their case."""
    weights = [calm if steady else wild for _, calm, wild in PRESSED]
    (what,) = chance.choices([name for name, _, _ in PRESSED], weights)
    match what:
        case "message":
            return act("page", what="message", text=chance.choice(TEXTS))
        case "danger":
            return act("page", what="message", text=FAMILY["danger"])
        case "signs":
            return act("page", what="signs", signs=",".join(chance.sample(SIGNS, 2)))
        case "tap":
            return act("page", what="tap", code=chance.choice(TAPS))
        case "items":
            return act("page", what="items", items=chance.choice(ITEMS))
        case "decides":
            answer = chance.choice(ANSWERS)
            return act("page", what="decides", answer=answer, set_offer="@offer:-1")
        case "withdraw":
            return act("page", what="withdraw")
        case "data":
            return act("page", what="data", of=chance.choice(("copy", "erasure")))
        case _:
            return _permission(chance, what)


def _permission(chance: Random, what: str) -> Act:
    scope = chance.choice(("messaging", "research"))
    if what == "process":
        return act("page", what=what, signer=chance.choice(SIGNERS), scopes=scope)
    if what == "hospitals":
        some = ",".join(sorted(chance.sample(HOSPITALS, 2)))
        return act("page", what=what, hospitals=some, signer=chance.choice(SIGNERS))
    if what == "hospital_back":
        hospital = chance.choice(HOSPITALS)
        return act("page", what="take_back", scope="share_deid", hospital=hospital)
    return act("page", what=what, scope=scope)
