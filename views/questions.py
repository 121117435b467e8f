"""What a document leaves open: its questions, as a page shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from views.shown import ShownFinding
from workflows.findings.decisions import BY_HAND

WHY: Mapping[str, str] = {
    "nothing_ticked": "The form prints these answers and none is ticked.",
    "several_ticked": "More than one of these answers is ticked.",
    "unclear_tick": "The page does not show clearly which of these answers is ticked.",
    "not_struck_out": "The form prints these answers and none is struck out.",
    "said_twice": "The document says this twice, and not the same.",
    "status_against_percent": "The word and the percentage do not agree.",
    "status_against_score": "The word and the score do not agree.",
    "ihc_against_ish": "The staining and the gene test do not agree.",
    "ish_against_numbers": "The verdict of the gene test and its numbers do not agree.",
    "ish_needs_ihc": "The gene test settles nothing alone, and no conclusion is written.",
    "not_settled": "The document speaks of this, but does not say it plainly.",
    "count_against_stage": "The number of nodes and the stage do not agree.",
    "stage_against_size": "The T category and the size do not agree.",
    "more_positive_than_examined": "More nodes are called positive than were examined.",
    "grade_against_score": "The grade and its score do not agree.",
    "only_in_situ_at_a_margin": "In-situ carcinoma is at a margin, invasive carcinoma is not.",
    "margins_with_exceptions": "Some margins are called free, and not every one.",
    "a specimen without a count": "One specimen of nodes has no count; a sum would be too low.",
    "unknown_word": "A word beside it is not known in this language, so that nothing is stated.",
    "margin_against_residual": "The margin and the residual tumour do not agree.",
    "replaced": "The document says that this was replaced, and not clearly by what.",
    "doubtful": "The document neither affirms nor denies this plainly.",
    "several_tumours": "The document tells of several tumours, and not the same of each.",
    "another_side": "The document does not say clearly which side this is about.",
    "sections_differ": "Two parts of the document do not say the same.",
}
OTHER = "The document says two things that cannot both be true."


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing the page says, with the value it would be."""

    page: int
    quote: str
    value: Any


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question about a field, with everything the page says of it."""

    field: str
    why: str
    answers: Sequence[Answer]

    @property
    def said(self) -> Sequence[Answer]:
        """What the page says, each line once: one line may say both."""
        return list({(one.page, one.quote): one for one in self.answers}.values())

    @property
    def choices(self) -> Sequence[Any]:
        """The values to choose from, each once."""
        values = {repr(one.value): one.value for one in self.answers if one.value is not None}
        return list(values.values())


def questions_of(notes: Mapping[str, Any]) -> list[ShownQuestion]:
    """Return the questions that a document's notes keep, in the order of the page."""
    return [
        ShownQuestion(
            one["field"],
            WHY.get(one["reason"], OTHER),
            [Answer(said["page"], said["quote"], said["value"]) for said in one["quotes"]],
        )
        for one in notes.get("questions", ())
    ]


def unanswered(notes: Mapping[str, Any], findings: Iterable[ShownFinding]) -> list[ShownQuestion]:
    """Return the questions to which no person has given a value of this document yet.

    One that was answered stands among what is settled.
    """
    answered = {
        one.field
        for one in findings
        if one.extractor_version == BY_HAND and one.state in ("confirmed", "corrected")
    }
    return [one for one in questions_of(notes) if one.field not in answered]
