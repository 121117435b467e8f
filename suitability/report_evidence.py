"""The statements behind a result, numbered: each stands once, criteria name its number."""

from collections.abc import Iterable

from suitability.explain import COUNTED, Evidence, Explanation
from suitability.report_blocks import Grid, Quoted, Section

Key = tuple[str, str, str]


class NumberedEvidence:
    """Every statement that a criterion looked at, by number, in the order of the criteria."""

    def __init__(self, explained: Iterable[Explanation]) -> None:
        """Number the evidence of `explained`; the same statement gets one number."""
        self._found: dict[Key, Evidence] = {}
        for item in explained:
            for evidence in item.evidence:
                self._found.setdefault(_key(evidence), evidence)
        self._numbers = {key: number for number, key in enumerate(self._found, start=1)}

    def of(self, item: Explanation) -> str:
        """Return what a criterion rests on as "E1, E3"; what did not count stands in brackets."""
        names = []
        for evidence in item.evidence:
            name = f"E{self._numbers[_key(evidence)]}"
            names.append(name if evidence.role == COUNTED else f"({name})")
        return ", ".join(dict.fromkeys(names))

    def section(self) -> Section:
        """Return the list: quoted lines with their place, then what nobody quoted."""
        lines: dict[tuple[str, int, str], list[str]] = {}
        plain: list[tuple[str, str]] = []
        for key, evidence in self._found.items():
            name = f"E{self._numbers[key]}"
            words = _words(evidence)
            found = evidence.observation
            if found.quote and found.document_id is not None and found.page is not None:
                line = (found.document_id, found.page, found.quote)
                lines.setdefault(line, []).append(f"{name} {words}")
            else:
                plain.append((name, words))
        # A line that states several things is shown once, with all of them.
        quoted = [
            Quoted("; ".join(said), line[2], f"document {line[0]}, page {line[1]}", line)
            for line, said in lines.items()
        ]
        table = [Grid(("No.", "Statement"), tuple(plain), (1, 11))] if plain else []
        return Section("What the result rests on", (*quoted, *table))


def _key(evidence: Evidence) -> Key:
    found = evidence.observation
    place = f"{found.document_id} {found.page} {found.quote}"
    return evidence.field, _words(evidence), place


def _words(evidence: Evidence) -> str:
    return evidence.words if evidence.role == COUNTED else f"{evidence.words} - {evidence.role}"
