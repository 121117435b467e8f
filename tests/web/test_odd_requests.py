"""What no browser sends is answered in words, never with an error of the program."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

import pytest

from models.base import require_id
from tests.web.parts import Visitor
from tests.workflows.furnished import Furnished
from tests.workflows.playing import Play
from web.page_router import PageRoute, page_routes
from workflows.engine.world import World

Visit = Callable[..., Visitor]
ODD = ("%00", "a%00b", "9" * 30, "9" * 5000, "-1", "%FF%FE", "%ED%B3%BF", "%E2%80%AE")
QUERY = ("q", "site", "state", "page", "after", "before", "done", "kind", "role", "stage",
         "country", "code", "next", "sort", "urgency", "name")  # fmt: skip
_PARAMETER = re.compile(r"\{\w+(:\w+)?\}")
_REF = re.compile(r"\{ref(:\w+)?\}")


def addresses(route: PageRoute, ref: str, odd: str) -> Iterator[str]:
    """Return the route's address with something odd in every place, then in its query alone."""
    for path in {route.path, _REF.sub(ref, route.path)}:
        yield _PARAMETER.sub(odd, path)
    if len(odd) < 100:
        query = "&".join(f"{name}={odd}" for name in QUERY)
        yield f"{_PARAMETER.sub('1', _REF.sub(ref, route.path))}?{query}"


def test_no_address_ends_in_an_error_of_the_program(visit: Visit, play: Play) -> None:
    play.open()
    client = visit("lead").client
    routes = [one for one in page_routes(client.app) if "GET" in (one.methods or ())]  # type: ignore[arg-type]
    assert len(routes) > 40
    faults = [
        address[:80]
        for route in routes
        for odd in ODD
        for address in addresses(route, play.case.ref, odd)
        if client.get(address).status_code >= 500
    ]
    assert not faults, "\n".join(faults)


def test_a_nul_in_a_form_is_refused_in_words(visit: Visit) -> None:
    visitor = visit()
    form = {"user_name": "a\0b", "password": "x"}
    refused = visitor.send("/login", form)
    assert refused.status_code == 422 and "character that is no text" in refused.text


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ("abc", "stay_days must be a whole number from 1 to 1000"),
        ("14%00", "stay_days has a character that is no text"),
    ],
)
def test_a_refused_answer_stays_in_its_form(
    visit: Visit, world: World, odd: str, words: str
) -> None:
    of = Furnished(world, "record_offer")
    task = require_id(of.ask("OFFER_REVIEW", "NOT_STARTED", "coordinator"))
    typed = {
        "answer": "record",
        "set:currency": "USD",
        "set:amount_low": "12500",
        "set:amount_high": "18000",
        "set:exclusions": "flights, hotel",
        "set:stay_days": unquote(odd),
    }
    before = of.seq()
    refused = visit("coordinator").send(f"/tasks/{task}", typed)
    assert refused.status_code == 422 and words in refused.text
    for name, value in typed.items():
        if name.startswith("set:") and name != "set:stay_days":
            assert f'value="{value}"' in refused.text, name
    assert of.seq() == before
