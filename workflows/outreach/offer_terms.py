"""The terms of an offer as a person types them: read in one way, echoed in words, then counted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from correspondence.money import Money, NotRead, currency_code, read_money, read_span
from correspondence.money_words import echo, figures
from workflows.engine.deciding import Deciding, DecisionRefused, ToConfirm
from workflows.outreach.offer_letter import Stated

LONGEST_STAY = 1000
"""Days; above, the number was mistyped."""
MONEY = ("currency", "amount_low", "amount_high", "ebrt", "deposit")
WORDS = ("conditions", "deposit_terms")
TERMS = (
    "technique", "inclusions", "exclusions", "ebrt", "deposit",
    "deposit_terms", "conditions", "stay_days", "earliest_admission", "valid_until", "amounts",
)  # fmt: skip
"""What an offer may state besides its amounts; `amounts` is the echo, confirmed."""
_PLAIN = re.compile(r"\d{1,12}(\.\d{1,2})?|[A-Za-z]{3}|\d{1,3} ?%", re.ASCII)
_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s?(?:%|per ?cent|percent)", re.IGNORECASE)
NAMES = {
    "currency": "currency",
    "amount_low": "lower amount",
    "amount_high": "upper amount",
    "ebrt": "later radiotherapy",
    "deposit": "deposit",
    "stay_days": "days of stay",
    "earliest_admission": "earliest admission",
    "valid_until": "valid until",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What an offer states. Amounts are in the currency of `cost`; None is "not stated"."""

    cost: Money
    ebrt: Money | None
    deposit: Money | None
    deposit_pct: Decimal | None
    stay_days: int | None
    earliest_admission: date | None
    valid_until: date | None

    @property
    def amounts(self) -> str:
        """The amounts in figures: what a person confirms by giving it back."""
        said = [figures(self.cost.currency, self.cost.low, self.cost.high)]
        if self.ebrt:
            said.append(f"radiotherapy {figures(*_of(self.ebrt))}")
        if self.deposit:
            said.append(f"deposit {figures(*_of(self.deposit))}")
        if self.deposit_pct is not None:
            said.append(f"deposit {self.deposit_pct:f} %")
        return "; ".join(said)

    @property
    def heard(self) -> str:
        """The amounts in words and figures, as a person hears them."""
        said = [echo(*_of(self.cost))]
        if self.ebrt:
            said.append(f"for later radiotherapy {echo(*_of(self.ebrt))}")
        if self.deposit:
            said.append(f"as a deposit {echo(*_of(self.deposit))}")
        if self.deposit_pct is not None:
            said.append(f"as a deposit {self.deposit_pct:f} per cent")
        return "; ".join(said)


def read_terms(deciding: Deciding) -> Terms:
    """Read what was typed; raise `DecisionRefused` in the words of the page."""
    try:
        cost = _cost(deciding)
        ebrt = _also(deciding, "ebrt", cost.currency)
        deposit, percent = _deposit(deciding, cost.currency)
    except NotRead as error:
        raise DecisionRefused(str(error)) from None
    valid_until = deciding.optional_day("valid_until")
    _check(cost, ebrt, valid_until, deciding.recorder.now.date())
    return Terms(
        cost,
        ebrt,
        deposit,
        percent,
        deciding.optional_whole("stay_days", 1, LONGEST_STAY),
        deciding.optional_day("earliest_admission"),
        valid_until,
    )


def _check(cost: Money, ebrt: Money | None, valid_until: date | None, today: date) -> None:
    """Refuse what no offer can be: of nothing, or one that is over."""
    if cost.low <= 0:
        raise DecisionRefused(
            "An offer of 0 is no offer: write what the hospital asks for the treatment, or say "
            "that the letter holds no offer."
        )
    if ebrt is not None and ebrt.low <= 0:
        raise DecisionRefused(
            "Later radiotherapy for 0: leave it blank where no price is stated, and name it under "
            "what is included where the hospital says so."
        )
    if valid_until is not None and valid_until < today:
        raise DecisionRefused(
            f"The offer ran out on {valid_until.isoformat()}: ask the hospital for one that holds."
        )


def _of(money: Money) -> tuple[str, Decimal, Decimal]:
    return money.currency, money.low, money.high


def _cost(deciding: Deciding) -> Money:
    """Read the estimate's two ends: the same twice where the hospital names one sum."""
    currency = currency_code(deciding.value("currency"))
    return read_span(deciding.value("amount_low"), deciding.value("amount_high"), currency)


def _also(deciding: Deciding, name: str, currency: str) -> Money | None:
    said = deciding.optional(name)
    return read_money(said, currency) if said else None


def _deposit(deciding: Deciding, currency: str) -> tuple[Money | None, Decimal | None]:
    """Read a deposit: a sum, or a share of the whole (0 to 100 per cent)."""
    said = deciding.optional("deposit") or ""
    share = _PERCENT.fullmatch(said)
    if share is None:
        return _also(deciding, "deposit", currency), None
    percent = Decimal(share[1].replace(",", "."))
    if percent > 100:
        raise NotRead("A deposit is at most 100 per cent.")
    return None, percent


def confirm_amounts(deciding: Deciding, terms: Terms, stated: Mapping[str, Stated]) -> None:
    """Refuse amounts that nobody has heard yet; what the letter seems to say otherwise is told.

    Plain figures that do not differ from the letter need no second step at the command line; the
    page asks for it always, by sending an echo that cannot be right.
    """
    confirmed = deciding.optional("amounts")
    if confirmed == terms.amounts:
        return
    differing = differences(deciding, terms, stated)
    if confirmed is None and not set(differing) & set(MONEY) and _all_plain(deciding):
        return
    words = f"Read as: {terms.heard}."
    if differing:
        words += f" The letter seems to say otherwise: {'; '.join(differing.values())}."
    words += " If that is what the hospital wrote, say so once more; else correct it."
    raise ToConfirm(words, "amounts", terms.amounts)


def _all_plain(deciding: Deciding) -> bool:
    typed = [deciding.optional(name) for name in MONEY]
    return all(_PLAIN.fullmatch(one) is not None for one in typed if one)


def differences(
    deciding: Deciding, terms: Terms, stated: Mapping[str, Stated]
) -> Mapping[str, str]:
    """Return, by name, where what was typed is not what was read, with the letter's words."""
    return {
        name: f"{NAMES[name]} {one.value} ({one.quote})" if one.quote else one.value
        for name, one in stated.items()
        if _typed(deciding, name) and not _same(terms, name, one.value)
    }


def _typed(deciding: Deciding, name: str) -> bool:
    return name in ("currency", "amount_low", "amount_high") or bool(deciding.optional(name))


def _same(terms: Terms, name: str, read: str) -> bool:
    """Return whether a value that was read in the letter is the one that was typed."""
    if name in ("ebrt", "deposit"):
        return read in _as_typed(terms.ebrt if name == "ebrt" else terms.deposit, terms, name)
    ours = {
        "currency": terms.cost.currency,
        "amount_low": _plain(terms.cost.low),
        "amount_high": _plain(terms.cost.high),
        "stay_days": str(terms.stay_days),
        "earliest_admission": str(terms.earliest_admission),
        "valid_until": str(terms.valid_until),
    }
    return ours[name] == read


def _as_typed(money: Money | None, terms: Terms, name: str) -> tuple[str, ...]:
    if money is None:
        return (f"{terms.deposit_pct:f} %",) if terms.deposit_pct is not None else ()
    low, high = _plain(money.low), _plain(money.high)
    return (low,) if low == high else (f"{low} to {high}",)


def _plain(value: Decimal) -> str:
    return f"{value:.2f}".removesuffix(".00")
