"""What breaks when, and what the cases are: drawn from a seed, and the same for every run of it."""

import random
from dataclasses import dataclass

WORKERS = ("documents", "reading", "cases", "mail", "partners")
KINDS: dict[str, tuple[float, float]] = {
    **{f"worker {name} killed": (0.0, 0.0) for name in WORKERS},
    **{f"worker {name} frozen": (8.0, 14.0) for name in WORKERS},
    "a relay killed": (0.0, 0.0),
    "both relays killed": (0.0, 0.0),
    "both relays frozen": (8.0, 12.0),
    "web killed": (0.0, 0.0),
    "web frozen": (5.0, 9.0),
    "Flower killed": (0.0, 0.0),
    "everything killed": (0.0, 0.0),
    "Valkey flushed": (0.0, 0.0),
    "Valkey killed": (0.0, 0.0),
    "Valkey full": (5.0, 10.0),
    "Valkey paused": (5.0, 12.0),
    "PostgreSQL restarted": (0.0, 0.0),
    "PostgreSQL killed": (0.0, 0.0),
    "PostgreSQL paused": (4.0, 9.0),
    "PostgreSQL out of connections": (4.0, 8.0),
    "PostgreSQL disk full": (4.0, 10.0),
    "S3 answers 500": (5.0, 12.0),
    "S3 slow": (5.0, 10.0),
    "S3 cuts answers short": (5.0, 12.0),
    "S3 gives wrong bytes": (5.0, 12.0),
    "S3 killed": (0.0, 0.0),
    "SMTP away": (5.0, 15.0),
    "SMTP 451": (5.0, 10.0),
    "SMTP greylists": (5.0, 10.0),
    "SMTP drops after the dot": (4.0, 8.0),
    "SMTP hangs before 250": (4.0, 8.0),
    "SMTP late 354": (4.0, 8.0),
    "IMAP away": (5.0, 12.0),
    "IMAP silent": (5.0, 10.0),
    "IMAP cuts the line": (5.0, 12.0),
    "clock jumps": (0.0, 0.0),
    "poison documents": (0.0, 0.0),
    "upgrade": (0.0, 0.0),
}
"""By kind: for how many seconds at least and at most."""
BASIC = (
    "worker reading killed",
    "worker cases killed",
    "Valkey flushed",
    "Valkey killed",
    "worker mail killed",
    "PostgreSQL restarted",
)
"""One of each kind that a short run must show."""
PARTS = {"whole": 0.1, "inquiry": 0.65, "out of scope": 0.25}
"""Shares of cases: a report that is read and two hospitals asked; a partner's inquiry that goes as
far as it goes without papers; one that is answered with a refusal."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: when it begins (seconds from the start of the run), and for how long."""

    number: int
    kind: str
    at: float
    seconds: float
    coin: int
    """Seeds whatever the fault itself draws."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole run. `parts` has one word of `PARTS` a case."""

    seed: int
    faults: tuple[Fault, ...]
    parts: tuple[str, ...]
    span: float
    """Seconds over which cases are opened and faults begin."""


def drawn(
    seed: int, cases: int, faults: int, every: float, kinds: tuple[str, ...] = tuple(KINDS)
) -> Plan:
    """Draw a plan: each kind about equally often, one fault about every `every` seconds."""
    dice = random.Random(seed)
    bag: list[str] = []
    while len(bag) < faults:
        more = list(kinds)
        dice.shuffle(more)
        bag += more
    found = []
    for number, kind in enumerate(bag[:faults]):
        low, high = KINDS[kind]
        at = (number + 0.5 + dice.uniform(-0.4, 0.4)) * every
        found.append(
            Fault(
                number, kind, round(at, 2), round(dice.uniform(low, high), 1), dice.randrange(10**6)
            )
        )
    shares = list(PARTS)
    parts = dice.choices(shares, [PARTS[share] for share in shares], k=cases)
    return Plan(seed, tuple(found), tuple(parts), faults * every)
