"""Rates of exchange as they stand, and what an offer is in the family's currency."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col

from correspondence.exchange import EURO, Conversion, Rate, conversion
from models import Case, ExchangeRate


def rates_now(session: Session, today: date) -> Mapping[str, Rate]:
    """Return the newest rate of each currency that is of no later day, by its code."""
    newest = (
        select(ExchangeRate)
        .ext(distinct_on(col(ExchangeRate.currency)))
        .where(col(ExchangeRate.rate_on) <= today)
        .order_by(
            col(ExchangeRate.currency),
            col(ExchangeRate.rate_on).desc(),
            col(ExchangeRate.id).desc(),
        )
    )
    return {
        row.currency: Rate(row.currency, row.per_euro, row.rate_on, row.source)
        for row in session.scalars(newest)
    }


def conversions(
    session: Session, case: Case, currencies: Iterable[str], today: date
) -> Mapping[str, Conversion]:
    """Return by currency how amounts are told in the family's; nothing where it chose none."""
    into = case.family_currency
    if into is None:
        return {}
    rates = rates_now(session, today)
    found = {one: conversion(one, into, rates) for one in set(currencies)}
    return {currency: how for currency, how in found.items() if how is not None}


def missing(session: Session, case: Case, currencies: Iterable[str], today: date) -> list[str]:
    """Return the currencies without a rate that keep amounts from being told in the family's."""
    into = case.family_currency
    others = {one for one in currencies if one != into}
    if into is None or not others:
        return []
    return sorted({*others, into} - {EURO} - set(rates_now(session, today)))


def for_family(how: Conversion | None, today: date) -> Conversion | None:
    """Return a conversion that a family may be told: none at a rate that is too old."""
    return how if how is not None and not how.stale(today) else None


def span_about(
    how: Conversion | None, low: Decimal | None, high: Decimal | None
) -> tuple[Decimal, Decimal] | None:
    """Return both ends of an amount in the other currency; None without a rate or an amount."""
    if how is None or low is None:
        return None
    return how.about(low), how.about(low if high is None else high)
