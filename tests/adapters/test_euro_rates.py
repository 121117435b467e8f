"""The European Central Bank's file: one day, its rates, and nothing that is not plainly that."""

from datetime import date
from decimal import Decimal

import pytest

from adapters.euro_rates import NoRates, daily_rates, read_rates
from tests.adapters.peers import webhook_server

FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
 <gesmes:subject>Reference rates</gesmes:subject>
 <Cube><Cube time='2026-11-30'>
  <Cube currency='USD' rate='1.0824'/><Cube currency='JPY' rate='162.35'/>
 </Cube></Cube></gesmes:Envelope>"""


def test_day_and_rates_are_read_from_a_server() -> None:
    with webhook_server(chunks=[FILE]) as server:
        day, rates = daily_rates(server.url, allow_loopback=True)
    assert day == date(2026, 11, 30)
    assert rates == {"USD": Decimal("1.0824"), "JPY": Decimal("162.35")}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<html>not found</html>", FILE[:-20],
        FILE.replace(b"1.0824", b"-1"), FILE.replace(b"1.0824", b"NaN"),
        FILE.replace(b"1.0824", b"0"), FILE.replace(b"1.0824", b"1,0824"),
        FILE.replace(b" rate='162.35'", b""), FILE.replace(b"JPY", b"USD"),
        FILE.replace(b"2026-11-30", b"yesterday"),
        FILE.replace(b"<Cube><Cube", b"<Cube time='2026-11-29'/><Cube><Cube"),
        FILE.replace(b"?>", b"?><!DOCTYPE a [<!ENTITY b 'c'>]>", 1),
    ],
)  # fmt: skip
def test_what_is_not_plainly_rates_of_one_day_gives_none(content: bytes) -> None:
    with pytest.raises(NoRates, match="unreadable"):
        read_rates(content)


def test_a_server_that_refuses_or_is_not_public_gives_none() -> None:
    with webhook_server(503) as server:
        with pytest.raises(NoRates, match="status"):
            daily_rates(server.url, allow_loopback=True)
        with pytest.raises(NoRates, match="not_https"):
            daily_rates(server.url)
    with pytest.raises(NoRates):
        daily_rates(server.url, allow_loopback=True)  # nobody is there any more
