"""What a letter states in figures: sums of money, dates, spans of time, in eight languages."""

from correspondence.stated.days import StatedDate, dates, durations
from correspondence.stated.sums import Amount, amounts

__all__ = ["Amount", "StatedDate", "amounts", "dates", "durations"]
