"""The playbooks folder, loaded and checked on first use; each part names its file when it fails."""

from functools import cached_property
from pathlib import Path

from correspondence import Letters
from planning.completeness import CompletenessPlaybook, load_completeness
from planning.followup import FollowUpTemplate, load_follow_up
from planning.travel_template import TravelTemplate, load_travel
from suitability import Library, load_library


class Playbooks:
    """Criteria, letters, travel, follow-up and completeness, as the process uses them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def criteria(self) -> Library:
        """Every criteria set, the vocabulary of findings and the roll-up policy."""
        return load_library(self.folder)

    @cached_property
    def letters(self) -> Letters:
        """Letters to patients and hospitals."""
        return Letters.load(self.folder / "letters")

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
