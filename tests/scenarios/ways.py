"""Eight ways in which a family's case ends early, each through the doors alone."""

from tests.scenarios.stories import Story, approved
from tests.scenarios.whole import Whole


class Ways(Whole):
    """A family, its whole case, and the other inquiries that it makes."""

    def elsewhere(self) -> Story:
        """What is asked for is not ours."""
        story = self.inquiry("elsewhere")
        self.people.amina.does(
            story.ref, "triage_inquiry", "out_of_scope", "asks for a flight only"
        )
        approved(story)
        return story

    def not_recommended(self) -> Story:
        """Dr Rao signs that another way is to be discussed."""
        story = self.signed("not-recommended", "not_suitable", **self.part.against)
        self.called_and_told(story)
        self.people.amina.does(story.ref, "record_alternative", "referred_out")
        return story

    def called_and_told(self, story: Story) -> None:
        """The family is called; what was said follows in writing."""
        self.people.amina.does(story.ref, "call_family", "called")
        approved(story)

    def differing(self) -> Story:
        """Papers differ from the published sources, and a hospital is asked all the same."""
        story = self.signed("differing", **self.part.against)
        self.called_and_told(story)
        story.family.follows_link()
        self.allowed(story, self.part.hospitals[0])
        self.people.hospital(self.part.hospitals[0]).answer(
            story.ref, "Dear colleagues, we regret that we cannot treat this patient."
        )
        self.people.amina.does(story.ref, "confirm_reply", "decline")
        return story

    def urgent(self) -> Story:
        """Dr Rao advises care near home first."""
        story = self.inquiry("urgent", ("biopsy.pdf", self.part.report()))
        self.permitted(story)
        self.checked(story)
        self.people.rao.does(
            story.ref, "review_case", "urgent_local_care", "bleeding", code="bleeding"
        )
        self.called_and_told(story)
        return story

    def taken_back(self) -> Story:
        """The permission is taken back after a hospital was asked."""
        story = self.signed("taken-back")
        story.family.follows_link()
        self.allowed(story, *self.part.hospitals[:2])
        story.family.sends("/withdraw", {"sure": "yes"})
        approved(story)
        self.people.amina.does(story.ref, "finish_withdrawal", "completed", hospitals_notified="2")
        return story

    def silent(self) -> Story:
        """Nobody answers the question about the permission."""
        story = self.inquiry("silent")
        self.triaged(story)
        for _ in range(4):
            self.house.forward("7d")
            for _ in range(3):
                if "call_silent" in story.case.tasks():
                    self.people.amina.does(story.ref, "call_silent", "not_reached")
                    self.house.forward("1d")
        self.people.amina.does(story.ref, "close_silent", "close", "letters and calls in vain")
        return story

    def stopped(self) -> Story:
        """The family says that it does not wish to go on; the data are kept for a reason."""
        story = self.inquiry("stopped", ("biopsy.pdf", self.part.report()))
        self.permitted(story)
        self.house.iort("case", "report", story.ref, "stopped")
        self.house.iort("case", "report", story.ref, "erasure-asked", "--set", "channel=phone")
        self.house.work()
        self.people.amina.does(
            story.ref, "confirm_erasure", "keep", keep_reason="complaint", keep_until="2027-12-31"
        )
        return story

    def withdrew(self) -> Story:
        """The chosen hospital takes back an accepted offer; another is there."""
        story = self.signed("withdrew")
        first, second = self.part.hospitals[:2]
        story.family.follows_link()
        self.allowed(story, first, second)
        for code in (first, second):
            self.offers(story, code)
            self.people.amina.does(story.ref, "present_offer", "present")
        approved(story)
        self.people.amina.does(
            story.ref, "record_patient_decision", "accepted", offer=self.offer_of(story, first)
        )
        approved(story)
        self.people.amina.does(story.ref, "confirm_admission", "hospital_withdrew")
        approved(story)
        return story
