"""Where a family's clock stands is stated, or the only one there is; else a person is asked."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlmodel import Session

from adapters.webhooks import new_secret, sign
from settings import Settings
from tests.workflows.playing import Play
from tests.workflows.test_chain import play
from workflows.cases.time_zones import clocks_of, known_zone, only_zone
from workflows.decisions import DecisionRefused
from workflows.engine.lookup import patient_of
from workflows.hooks.inbox import Call, receive
from workflows.letters.quiet import DAY, common_morning, leaves_at

__all__ = ["play"]
NOW = datetime(2027, 1, 11, 5, 0, tzinfo=UTC)
SECRET = new_secret()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_secrets": {"partner": SecretStr(SECRET)}})


@pytest.mark.parametrize(
    ("country", "phone", "zone"),
    [
        ("KE", None, "Africa/Nairobi"), (None, "+254 700 000 000", "Africa/Nairobi"),
        (None, "00968 9000 0000", "Asia/Muscat"), ("DE", None, "Europe/Berlin"),
        ("AR", None, "America/Argentina/Buenos_Aires"), ("RU", None, None), ("US", None, None),
        ("RU", "+254 700 000 000", None), (None, "+7 900 000 00 00", None), (None, None, None),
        (None, "0700 000 000", None), ("XX", None, None), ("", "", None),
    ],
)  # fmt: skip
def test_a_zone_is_taken_where_there_is_exactly_one(
    country: str | None, phone: str | None, zone: str | None
) -> None:
    assert only_zone(country, phone, NOW) == zone


@pytest.mark.parametrize("told", ["", " ", "UTC", "Etc/GMT-3", "../../etc/passwd", "Mars/Olympus"])
def test_what_is_no_place_is_no_zone(told: str) -> None:
    assert known_zone(told) is None and known_zone("Asia/Muscat ") == "Asia/Muscat"


@pytest.mark.parametrize("country", ["RU", "US", "KE", "ES", "CN"])
def test_a_letter_that_can_wait_comes_by_day_in_every_zone_there(country: str) -> None:
    zones = [ZoneInfo(name) for name in clocks_of(country, NOW)]
    for hour in range(0, 24 * 3):
        now = NOW + timedelta(hours=hour, minutes=17)
        at = common_morning(now, zones) or now
        assert now <= at < now + timedelta(days=2)
        assert all(DAY[0] <= at.astimezone(zone).time() < DAY[1] for zone in zones), (country, now)


def opened(play: Play, **told: Any) -> None:
    patient = {"name": "Ann Sample", "email": "ann@family.example"}
    data = {"patient": {**patient, **told.pop("patient", {})}, "site": "breast", **told}
    body = json.dumps({"type": "case.opened", "data": data}).encode()
    headers = sign([SECRET], message_id="m-1", sent_at=datetime.now(UTC), body=body)
    receive(play.world, "partner", Call(headers, body))
    play.case_id = 1
    play.run()


def zone_of(play: Play) -> str:
    with Session(play.world.engine) as session:
        return patient_of(session, play.case_id).time_zone


def asked(play: Play) -> int:
    return [task.kind for task in play.tasks()].count("state_time_zone")


def test_a_hook_of_a_country_with_one_clock_asks_nobody(play: Play) -> None:
    opened(play, residence_country="KE")
    assert (zone_of(play), asked(play)) == ("Africa/Nairobi", 0)


def test_a_hook_of_a_country_with_many_clocks_asks_a_person(play: Play) -> None:
    opened(play, residence_country="RU")
    assert (zone_of(play), asked(play)) == ("UTC", 1), "not stated"
    with Session(play.world.engine) as session:
        night = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)  # day in Moscow, night in Kamchatka
        assert leaves_at(session, play.case_id, "M05", night) == night.replace(day=12, hour=6)
    for blank in ({}, {"time_zone": "Moscow"}, {"time_zone": "UTC"}):
        with pytest.raises(DecisionRefused):
            play.answer("state_time_zone", "stated", **blank)
    assert (zone_of(play), asked(play)) == ("UTC", 1)
    play.answer("state_time_zone", "stated", time_zone="Europe/Moscow")
    assert (zone_of(play), asked(play)) == ("Europe/Moscow", 0)
