"""What a playbook is refused with."""


class PlaybookError(ValueError):
    """A playbook cannot be used. Says which file, line and column, why, and what to do.

    `line` and `column` count from 1; None where the mistake is the whole file's.
    """

    def __init__(
        self, file: str, line: int | None, reason: str, *, column: int | None = None, mend: str = ""
    ) -> None:
        place = ":".join([file, *(str(number) for number in (line, column) if number)])
        told = f"{reason.rstrip('.')}. {mend[0].upper()}{mend[1:]}" if mend else reason
        super().__init__(f"{place}: {told}")
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason
        self.mend = mend
