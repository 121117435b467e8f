"""Rates of exchange: written down with day and source; what cannot be right is refused in words."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import AuditEntry, Case, ExchangeRate, Hospital, Offer, OutreachThread
from models.base import require_id
from models.database import transaction
from tests.web.parts import Visitor, own_path, seen
from tests.workflows.acts import OFFER, reply, to_outreach
from tests.workflows.playing import Play
from workflows.engine.world import World

Visit = Callable[..., Visitor]
GOOD = {
    "currency": "INR", "per_euro": "91.5", "rate_on": "2026-11-29",
    "evidence": "Reserve Bank, reference rate",
}  # fmt: skip


@pytest.fixture
def today(clock: FixedClock) -> date:
    return clock.now().date()


def form(today: date, **other: str) -> dict[str, str]:
    return {**GOOD, "rate_on": today.isoformat(), **other}


def stored(world: World) -> list[tuple[str, Decimal]]:
    with Session(world.engine) as session:
        rows = session.scalars(select(ExchangeRate).order_by(col(ExchangeRate.id)))
        return [(row.currency, row.per_euro.normalize()) for row in rows]


def write(world: World, currency: str, per_euro: str, on: date, source: str = "person") -> None:
    with transaction(world.engine) as session:
        session.add(
            ExchangeRate(
                currency=currency, per_euro=Decimal(per_euro), rate_on=on, source=source,
                evidence="a bank's page" if source == "person" else "", at=world.clock.now(),
            )
        )  # fmt: skip


def test_a_first_rate_is_said_back_and_counts_when_it_is_sent_again(
    visit: Visit, world: World, today: date
) -> None:
    lead = visit("lead")
    refused = lead.send("/rates", form(today))
    assert refused.status_code == 422 and stored(world) == []
    assert "one euro is INR 91.5, and 100 INR are 1.0929 euros" in seen(refused.text)
    assert 'value="Reserve Bank, reference rate"' in refused.text
    sure = re.search(r'name="sure" value="([^"]+)"', refused.text)
    assert sure
    other = lead.send("/rates", form(today, per_euro="0.0109", sure=sure[1]))
    assert other.status_code == 422 and stored(world) == []  # said of another figure
    lead.send("/rates", form(today, sure=sure[1]))
    assert stored(world) == [("INR", Decimal("91.5"))]
    page = seen(lead.get("/rates").text)
    assert "91.5" in page and "Reserve Bank, reference rate" in page and "lead" in page
    with Session(world.engine) as session:
        noted = session.scalars(select(AuditEntry).where(col(AuditEntry.action) == "rate.written"))
        assert [one.object_ref for one in noted] == ["currency:INR"]


def test_a_rate_near_the_last_one_needs_no_second_word_and_one_far_off_does(
    visit: Visit, world: World, today: date
) -> None:
    write(world, "INR", "91.5", today - timedelta(days=2))
    console = visit("coordinator")
    assert console.send("/rates", form(today, per_euro="93")).status_code == 303
    far = console.send("/rates", form(today, per_euro="9.3"))
    assert far.status_code == 422 and "far from the last one, 93 of" in seen(far.text)
    assert [rate for _, rate in stored(world)] == [Decimal("91.5"), Decimal(93)]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"per_euro": "0"}, "must be above 0"),
        ({"per_euro": "0.00"}, "must be above 0"),
        ({"per_euro": "-3"}, "must be a number above 0"),
        ({"per_euro": ""}, "must be a number above 0"),
        ({"per_euro": "1e15"}, "must be a number above 0"),
        ({"per_euro": "9999999999"}, "below 1,000,000,000"),
        ({"per_euro": "4,293"}, "can be read in two ways: write 4293 or 4.293"),
        ({"per_euro": "٤"}, "must be a number above 0"),
        ({"currency": "XXX"}, "code of three letters"),
        ({"currency": ""}, "code of three letters"),
        ({"currency": "$"}, "may be USD"),
        ({"currency": "EUR"}, "it has none itself"),
        ({"rate_on": ""}, "Say of which day"),
        ({"rate_on": "2099-01-01"}, "yet to come"),
        ({"rate_on": "yesterday"}, "must be a date"),
        ({"evidence": "  "}, "Say where the rate stands"),
    ],
)
def test_what_cannot_be_right_is_refused_and_stays_typed(
    visit: Visit, world: World, today: date, other: dict[str, str], words: str
) -> None:
    refused = visit("lead").send("/rates", form(today, **other))
    assert refused.status_code == 422 and words in seen(refused.text)
    ((name, typed),) = other.items()
    assert f'name="{name}" ' in refused.text and f'value="{typed}"' in refused.text
    assert stored(world) == []


def test_an_older_day_than_the_last_is_refused(visit: Visit, world: World, today: date) -> None:
    write(world, "INR", "91.5", today)
    old = form(today - timedelta(days=1), per_euro="91")
    refused = visit("lead").send("/rates", old)
    assert refused.status_code == 422 and "There is a newer rate of INR" in seen(refused.text)


@pytest.mark.parametrize("role", ["clinician", "analyst", "administrator"])
def test_nobody_else_writes_rates(visit: Visit, role: str) -> None:
    assert visit(role).get("/rates").status_code == 403


# --- beside the offers


def two_offers(play: Play) -> None:
    """One is before the family, in dollars; the other, in dirhams, states hardly anything."""
    to_outreach(play, "H01,H02")
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    play.answer(
        "record_offer", "record", currency="USD", amount_low="7800", amount_high="9100",
        ebrt="3200", deposit="900", exclusions="implants,intensive care", stay_days="5",
        valid_until=(play.clock.now().date() + timedelta(days=20)).isoformat(),
        amounts="USD 7,800 to 9,100; radiotherapy USD 3,200; deposit USD 900",
    )  # fmt: skip
    play.answer("present_offer", "present")
    with transaction(play.world.engine) as session:
        second = session.scalars(
            select(OutreachThread).order_by(col(OutreachThread.id).desc()).limit(1)
        ).one()
        session.add(
            Offer(
                case_id=play.case_id, thread_id=require_id(second.id),
                hospital_id=second.hospital_id, currency="AED", amount_low=Decimal("30000.50"),
                amount_high=Decimal("30000.50"), recorded_by="c1", recorded_at=play.clock.now(),
            )
        )  # fmt: skip


def wish(console: Visitor, play: Play, currency: str, countries: str = "") -> int:
    typed = {"currency": currency, "countries": countries}
    where = f"/cases/{play.case.ref}/hospitals"
    answer = console.send(f"/cases/{play.case.ref}/wishes", typed, page=where)
    play.run()
    return answer.status_code


def hospitals(console: Visitor, play: Play) -> str:
    return " ".join(seen(console.get(f"/cases/{play.case.ref}/hospitals").text).split())


def test_offers_stand_side_by_side_as_stated_and_in_the_familys_currency(
    visit: Visit, play: Play, world: World, today: date
) -> None:
    two_offers(play)
    console = visit("coordinator")
    plain = hospitals(console, play)
    assert "7,800 to 9,100 USD" in plain and "30,000.50 AED" in plain
    assert "For the family" not in plain and not re.search(r"about \d", plain)
    write(world, "USD", "1.0824", today, "ecb")
    write(world, "INR", "91.5", today - timedelta(days=3))
    assert wish(console, play, "INR") == 303
    page = hospitals(console, play)
    assert "7,800 to 9,100 USD" in page  # what the letter says stays
    assert "For the family, in INR about 659,000 to 769,000 INR" in page
    assert "1 USD = 84.534 INR" in page and "European Central Bank and written down by us" in page
    assert "no rate of AED is known" in page and "No rate of AED is known: write it down" in page
    assert "Not included implants, intensive care not stated" in page
    assert "Later radiotherapy 3,200 USD about 271,000 INR not stated" in page
    assert "Stay 5 days not stated" in page and "20 days left" not in page
    (letter,) = play.messages(template="M15", state="draft")
    text = " ".join(letter.body.split())
    assert "Cost: USD 7,800 to 9,100 About: INR 659,000 to 769,000, at 1 USD = 84.534 INR" in text
    assert "(European Central Bank and written down by our team)" in text
    assert "the amount of the hospital counts" in text and "nothing is converted" not in text
    assert "What is NOT included: implants, intensive care" in text
    assert "USD 3,200 more (about INR 271,000)" in text and "USD 900 (about INR 76,100)" in text


def test_an_old_rate_is_shown_with_its_age_and_not_told_to_the_family(
    visit: Visit, play: Play, world: World, today: date
) -> None:
    write(world, "USD", "1.0824", today - timedelta(days=8))
    two_offers(play)
    console = visit("coordinator")
    wish(console, play, "EUR")
    page = hospitals(console, play)
    assert "about 7,210 to 8,410 EUR" in page
    assert "8 days old: the family is not told it" in page
    (letter,) = play.messages(template="M15", state="draft")
    assert "nothing is converted" in letter.body and "7,210" not in letter.body
    own = seen(visit().get(own_path(play)).text)
    assert "7,800" in own and "7,210" not in own
    write(world, "USD", "1.0824", today)
    own = " ".join(seen(visit().get(own_path(play)).text).split())
    assert "about EUR 7,210 – 8,410" in own and "At 1 USD = 0.92387 EUR" in own
    assert "What counts is the amount of the hospital." in own


@pytest.mark.parametrize(
    ("currency", "countries", "words"),
    [("XYZ", "", "code of three letters"), ("rupees", "", "may be INR, PKR"),
     ("", "India", "Not a country: INDIA"), ("", "IN QQ", "Not a country: QQ")],
)  # fmt: skip
def test_a_wish_that_cannot_be_read_is_refused_and_stays_typed(
    visit: Visit, play: Play, currency: str, countries: str, words: str
) -> None:
    to_outreach(play)
    console, where = visit("coordinator"), f"/cases/{play.case.ref}"
    typed = {"currency": currency, "countries": countries}
    refused = console.send(f"{where}/wishes", typed, page=f"{where}/hospitals")
    assert refused.status_code == 422 and words in seen(refused.text)
    assert f'value="{currency or countries}"' in refused.text
    assert not play.events("family.wishes_stated")


def test_a_wish_is_taken_back_by_a_blank_form_and_said_once(visit: Visit, play: Play) -> None:
    to_outreach(play)
    console = visit("coordinator")
    for currency, countries in (("inr", "in tr, IN"), ("INR", "IN TR"), ("", "")):
        assert wish(console, play, currency, countries) == 303
    stated = [event.payload for event in play.events("family.wishes_stated")]
    assert stated == [
        {"currency": "INR", "countries": ["IN", "TR"]}, {"currency": None, "countries": []},
    ]  # fmt: skip
    with Session(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        assert (case.family_currency, case.wished_countries) == (None, [])
        assert session.scalars(select(Hospital)).first() is not None
