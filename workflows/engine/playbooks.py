"""The playbooks folder, loaded and checked; a file that is refused is named with line and mend.

A process reads every part when it starts (`load`) and does not start with one that is refused;
what it has read stays in use until it ends, whatever becomes of the file. Criteria alone are
looked at again while it runs: whole new versions are taken up, and a file that is refused leaves
the last good version in use until it is mended.
"""

import threading
import time
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from pathlib import Path

import suitability
from correspondence import DangerWords, Letters, load_danger
from correspondence.data_sheet import SheetPlaybook, load_data_sheet
from correspondence.placeholders import IN_THREADS, StartingTexts, load_texts
from planning.completeness import CompletenessPlaybook, load_completeness
from planning.followup_template import FollowUpTemplate, load_follow_up
from planning.travel_template import TravelTemplate, load_travel
from playbook_reader import PlaybookError
from suitability import Library
from suitability.keeper import LibraryKeeper, Reload
from workflows.processing_register import Register, load_register

REFUSED = (PlaybookError, suitability.PlaybookError)
"""What a playbook that cannot be used is refused with."""
LOOK_EVERY = 30.0
"""Seconds after which a process reads the criteria files again."""


@lru_cache(maxsize=4)
def playbooks_of(folder: Path) -> "Playbooks":
    """Return the folder's playbooks, one object per process: reading them takes a second."""
    return Playbooks(folder)


class Playbooks:
    """Criteria, letters, travel, follow-up, completeness, words of danger: as they are used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._kept: LibraryKeeper | None = None
        self._looked_at = 0.0

    def load(self, sent: Iterable[str] = ()) -> None:
        """Read every part now, as a process does when it starts; `sent` are letters it needs.

        Raises `playbook_reader.PlaybookError` or `suitability.PlaybookError` at the first file
        that is refused or letter that is missing.
        """
        parts = (self.criteria, self.letters, self.travel, self.follow_up, self.completeness)
        assert (
            all(parts) and self.danger and self.register and self.hospital_texts and self.data_sheet
        )
        for code in sorted(set(sent).difference(self.letters.codes)):
            reason = "this letter is sent, and its folder is missing"
            raise PlaybookError(f"letters/{code}", None, reason, mend="put it back")

    @property
    def criteria(self) -> Library:
        """Every criteria set, the vocabulary of findings and the roll-up policy.

        Raises `suitability.PlaybookError` only when this process never had a good version.
        """
        with self._lock:
            keeper = self._keeper()
            if time.monotonic() - self._looked_at > LOOK_EVERY:
                self._looked_at = time.monotonic()
                keeper.look_again()
            return keeper.library

    def look_again(self) -> Reload:
        """Read the criteria files now; a refused file leaves the last good version in use."""
        with self._lock:
            keeper = self._keeper()
            self._looked_at = time.monotonic()
            return keeper.look_again()

    def _keeper(self) -> LibraryKeeper:
        if self._kept is None:
            self._kept = LibraryKeeper(self.folder)
            self._looked_at = time.monotonic()
        return self._kept

    @cached_property
    def letters(self) -> Letters:
        """Letters to patients and hospitals, with the sentences of the other playbooks."""
        items = self.completeness.items
        steps = {item.id: item.title for item in self.travel.items}

        def of_item(part: str) -> Callable[[str], str | None]:
            return lambda code: getattr(items[code], part) if code in items else None

        return Letters.load(
            self.folder / "letters",
            {
                "item": {part: of_item(part) for part in ("plain", "why", "how")},
                "question": {"": self.follow_up.question},
                "step": {"": steps.get},
            },
        )

    @cached_property
    def travel(self) -> TravelTemplate:
        """The travel checklist."""
        return load_travel(self.folder / "travel.yaml")

    @cached_property
    def follow_up(self) -> FollowUpTemplate:
        """The follow-up schedules."""
        return load_follow_up(self.folder / "followup.yaml")

    @cached_property
    def completeness(self) -> CompletenessPlaybook:
        """What a file must hold before a clinician sees it, by site."""
        return load_completeness(self.folder / "completeness.yaml")

    @cached_property
    def data_sheet(self) -> SheetPlaybook:
        """Which findings stand on the sheet that hospitals read first."""
        return load_data_sheet(self.folder / "data_sheet.yaml", self.criteria.vocabulary.fields)

    @cached_property
    def register(self) -> Register:
        """What is done with data and by which laws."""
        return load_register(self.folder)

    @cached_property
    def danger(self) -> DangerWords:
        """Words by which a person says that they are in danger."""
        return load_danger(self.folder / "danger.yaml")

    @cached_property
    def hospital_texts(self) -> StartingTexts:
        """Beginnings of letters that people write freely to hospitals."""
        return load_texts(self.folder / "hospital_texts.yaml", IN_THREADS)
