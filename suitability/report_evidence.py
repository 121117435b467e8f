"""The statements behind a result, numbered: each stands once, criteria name its number."""

from collections.abc import Iterable, Mapping

from suitability.explain import COUNTED, Evidence, Explanation
from suitability.report_blocks import Grid, Quoted, Section

Key = tuple[str, str, str]
Line = tuple[str, int, str]
"""Document, page and quote."""


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
        lines: dict[Line, list[str]] = {}
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
            for line, said in _whole_lines(lines).items()
        ]
        table = [Grid(("No.", "Statement"), tuple(plain), (1, 11))] if plain else []
        return Section("What the result rests on", (*quoted, *table))


def _whole_lines(lines: Mapping[Line, list[str]]) -> dict[Line, list[str]]:
    """Return the lines with what they state; a part of a line that is quoted too goes with it."""
    whole: dict[Line, list[str]] = {}
    for line in sorted(lines, key=lambda one: -len(one[2])):
        words = " ".join(line[2].split())
        holds = next(
            (one for one in whole if one[:2] == line[:2] and words in " ".join(one[2].split())),
            line,
        )
        whole.setdefault(holds, []).extend(lines[line])
    return {line: whole[line] for line in lines if line in whole}


def _key(evidence: Evidence) -> Key:
    found = evidence.observation
    place = f"{found.document_id} {found.page} {found.quote}"
    return evidence.field, _words(evidence), place


def _words(evidence: Evidence) -> str:
    return evidence.words if evidence.role == COUNTED else f"{evidence.words} - {evidence.role}"
