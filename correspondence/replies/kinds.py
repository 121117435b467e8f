"""The classes of replies, and the shape of the rules that propose them."""

from collections.abc import Mapping
from typing import Literal

ReplyKind = Literal[
    "ack",
    "accept_for_review",
    "more_info",
    "opinion",
    "offer",
    "admission_date",
    "invitation_letter",
    "decline",
    "redirect",
    "out_of_office",
    "bounce",
    "contacted_patient_directly",
    "data_deletion_confirmed",
    "other",
]
Rules = Mapping[ReplyKind, Mapping[str, tuple[float, tuple[str, ...]]]]
"""By class: named rules, each a weight and a few alternative patterns.

The weights of the matched rules of a class add up, at most to 1. Three marks stand for what a
pattern alone cannot see: a sum of money (`\\x00AMOUNT`), a thing asked for (`\\x00ITEM`) and an
e-mail address (`\\x00MAIL`). `.{0,40}` never crosses a line.
"""
