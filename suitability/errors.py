"""What the room refuses, said so that the person who wrote it can mend it."""


class SuitabilityError(Exception):
    """A refusal that names the place, the reason and the mend.

    `file` is the name as the caller gave it, `line` is 1-based or None when the data never had
    lines (already parsed by the caller).
    """

    def __init__(
        self, reason: str, *, file: str = "", line: int | None = None, mend: str = ""
    ) -> None:
        self.file = file
        self.line = line
        self.reason = reason
        self.mend = mend
        super().__init__(str(self))

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place = f"{place}:{self.line}" if place else f"line {self.line}"
        told = f"{place}: {self.reason}" if place else self.reason
        return f"{told}. {self.mend[0].upper()}{self.mend[1:]}" if self.mend else told


class PlaybookError(SuitabilityError):
    """A playbook (criteria set, vocabulary, policy, sources) that cannot be used as it stands."""


class FindingsError(SuitabilityError):
    """Findings that cannot be screened: unknown field, wrong unit, impossible value, bad date."""
