"""What a family does on its own page, through the functions that the page uses."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from models import Case
from models.database import transaction
from tests.simulation.acts import Act
from tests.simulation.answering import resolve_plain
from tests.simulation.life import Life
from workflows.portal import acts as portal
from workflows.portal.acts import Signer

if TYPE_CHECKING:
    from tests.simulation.house import House

Doing = Callable[["House", Life, Act, Case], None]


def on_page(house: "House", life: Life, done: Act) -> None:
    """Do what the act says on the page of the life's case; raises what the page refuses with."""
    with transaction(house.world.engine) as session:
        case = session.get_one(Case, life.case_id)
        session.expunge(case)
    PAGE[done.get("what")](house, life, done, case)


def _message(house: "House", life: Life, done: Act, case: Case) -> None:
    life.says(done.get("text"))
    portal.write_message(house.world, case, done.get("text"))


def _signs(house: "House", life: Life, done: Act, case: Case) -> None:
    portal.report_signs(house.world, case, done.get("signs").split(","))


def _tap(house: "House", life: Life, done: Act, case: Case) -> None:
    rows = house.rows(
        "SELECT id FROM followup_item WHERE case_id = :case ORDER BY (state = 'sent') DESC, id",
        case=life.case_id,
    )
    portal.answer(house.world, case, rows[0][0] if rows else 0, done.get("code"))


def _process(house: "House", life: Life, done: Act, case: Case) -> None:
    scopes = [one for one in done.get("scopes").split(",") if one]
    portal.give_process(house.world, case, scopes, _signer(done))


def _hospitals(house: "House", life: Life, done: Act, case: Case) -> None:
    codes = [one for one in done.get("hospitals").split(",") if one]
    portal.give_hospitals(house.world, case, codes, _signer(done))
    life.allowed.update(codes)


def _own(house: "House", life: Life, done: Act, case: Case) -> None:
    portal.give_own(house.world, case, done.get("scope"), _signer(done))
    if done.get("scope") == "messaging":
        life.go_on("no letters")


def _take_back(house: "House", life: Life, done: Act, case: Case) -> None:
    portal.take_back(house.world, case, done.get("scope"), done.get("hospital"))
    scope, code = done.get("scope"), done.get("hospital")
    life.withdraws([f"{scope}:{code}" if code else scope], len(house.post.taken))


def _withdraw(house: "House", life: Life, done: Act, case: Case) -> None:
    portal.withdraw(house.world, case)
    life.withdraws(["process"], len(house.post.taken))


def _data(house: "House", life: Life, done: Act, case: Case) -> None:
    portal.ask_for_data(house.world, case, done.get("of"))


def _items(house: "House", life: Life, done: Act, case: Case) -> None:
    portal.answer_items(house.world, case, done.get("items").split(","))


def _decides(house: "House", life: Life, done: Act, case: Case) -> None:
    portal.decide_offer(house.world, case, done.get("answer"), resolve_plain(house, life, done))


def _signer(done: Act) -> Signer:
    return Signer(done.get("signer"))


PAGE: Mapping[str, Doing] = {
    "message": _message, "signs": _signs, "tap": _tap, "process": _process,
    "hospitals": _hospitals, "own": _own, "take_back": _take_back, "withdraw": _withdraw,
    "data": _data, "items": _items, "decides": _decides,
}  # fmt: skip
