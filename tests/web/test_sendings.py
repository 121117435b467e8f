"""What a family sends through the doors, as one thing: letters and questions are counted."""

import io
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest

from local.rehearsal.documents import breast_synoptic
from local.rehearsal.reports import ROSA
from models import Document, Upload, UploadPiece
from tests.adapters.reader import files
from tests.adapters.reader.test_imaging import disc
from tests.adapters.reader.test_inside import photo as picture
from tests.web.parts import Visitor, own_path, seen
from tests.web.sending import Sender, rows
from tests.workflows.documents.test_photos import photo, report
from tests.workflows.documents.test_sending import UNKNOWN, apple_letter
from tests.workflows.playing import PATIENT, Play
from workflows.cases.intake import NewCase
from workflows.documents.visits import QUIET
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.portal import drafts, uploads
from workflows.portal.upload_tickets import ticket_for
from workflows.portal.uploads import Owner
from workflows.steps import STEPS

Visit = Callable[..., Visitor]
Counts = tuple[int, dict[str, int]]


def counts(play: Play) -> Counts:
    """How many letters about files, how many open questions of each kind."""
    kinds = [task.kind for task in play.tasks() if task.kind != "triage_inquiry"]
    return len(play.messages(template="M05")), {kind: kinds.count(kind) for kind in set(kinds)}


def upload(visit: Visit, play: Play, *contents: bytes, pause: timedelta = timedelta(0)) -> None:
    """Send files in pieces, as the portal's page does, each a pause after the one before."""
    sender = Sender(visit().client, ticket_for(play.world, Owner("case", play.case_id)))
    for number, content in enumerate(contents, 1):
        sender.send(content, f"IMG_{number:04}.jpg")
        play.run()
        play.clock.move(pause)


def over(play: Play) -> None:
    """The visit is over."""
    play.clock.move(QUIET)
    play.run()


def twelve() -> list[bytes]:
    """Phone photos of a report of twelve pages, not in its order, some lying on their side."""
    pages = report(12)
    order = (0, 2, 1, 3, 4, 5, 6, 8, 7, 9, 11, 10)
    return [photo(pages[n], 90 * (n % 8 == 3)) for n in order]


def send_mail(play: Play, *attached: tuple[bytes, str, str]) -> None:
    """Send a mail with three logos in its signature, and what is attached, over SMTP; fetch it."""
    letter = EmailMessage()
    letter["From"], letter["To"] = PATIENT.email, play.world.settings.mail_from
    letter["Subject"], letter["Message-ID"] = "the report", "<logos@family.example>"
    letter.set_content("The report is attached.")
    letter.add_alternative('<p>The report is attached.</p><img src="cid:p0">', subtype="html")
    letter.make_mixed()
    for number in range(3):
        logo = picture(120 + number, 60, "red")
        letter.add_attachment(
            logo, maintype="image", subtype="png", cid=f"<p{number}>", disposition="inline",
            filename=f"image00{number}.png",
        )  # fmt: skip
    for content, kind, name in attached:
        main, _, sub = kind.partition("/")
        letter.add_attachment(content, maintype=main, subtype=sub, filename=name)
    own = play.world.settings.mail_from
    play.world.mail_out.deliver(letter.as_bytes(), PATIENT.email or "", [own])
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain(FETCH_MAIL)
    play.run()


def test_a_disc_with_a_viewer_is_no_letter_and_no_question(visit: Visit, play: Play) -> None:
    play.open()
    upload(visit, play, files.zipped(disc(40, 230)))
    over(play)
    assert counts(play) == (0, {})
    page = seen(visit().get(own_path(play)).text)
    assert "here for the doctors" in page and "40 pictures, 1 series" in page
    console = visit("coordinator").get(f"/cases/{play.case.ref}/documents").text
    assert "Imaging: CT 1 series 40 images in document 1" in seen(console)


def test_an_apple_letter_is_one_letter_and_one_question(visit: Visit, play: Play) -> None:
    play.open()
    upload(visit, play, apple_letter())
    assert counts(play) == (0, {}), "the visit may go on"
    over(play)
    assert counts(play) == (1, {"repair_document": 1})


def test_a_mail_with_three_logos_asks_about_its_report_alone(play: Play) -> None:
    play.open()
    send_mail(play, (breast_synoptic(ROSA), "application/pdf", "report.pdf"))
    assert counts(play) == (0, {"read_letter": 1, "review_findings": 1})


@pytest.mark.timeout(300)
def test_twelve_photos_of_a_report_are_one_document_and_one_question(
    visit: Visit, play: Play
) -> None:
    play.open()
    upload(visit, play, *twelve(), pause=QUIET / 2)
    assert counts(play) == (0, {}), "photos wait for each other while the visit goes on"
    read = {(one.state, one.text_object_key is None) for one in rows(play.world, Document)}
    assert read == {("read", False)}, "each was read as it came: what waits is putting together"
    documents = f"/cases/{play.case.ref}/documents"
    console = visit("coordinator")
    told = seen(console.get(documents).text)
    assert "(12 files), all were looked at. 12 photos wait until no more can belong" in told
    over(play)
    assert counts(play) == (0, {"review_findings": 1})
    assert "photos wait until" not in seen(console.get(documents).text)
    whole = rows(play.world, Document)[-1]
    assert (whole.pages, len(whole.notes["photos"])) == (12, 12)
    page = seen(visit().get(own_path(play)).text)
    assert "12 photos of one paper" in page and "replaced by a newer one" not in page


@pytest.mark.timeout(300)
def test_all_of_it_in_one_visit_is_one_letter(visit: Visit, play: Play) -> None:
    play.open()
    black = files.image_bytes(files.rendered(files.drawn(lambda _: None)), "JPEG")
    photos = twelve()
    photos[2] = black
    upload(visit, play, files.zipped(disc(40, 230)), *photos, apple_letter(), pause=QUIET / 3)
    send_mail(play, (breast_synoptic(ROSA), "application/pdf", "report.pdf"))
    over(play)
    assert counts(play) == (1, {"read_letter": 1, "repair_document": 1, "review_findings": 2})
    (letter,) = play.messages(template="M05")
    assert "Your photo 3 of 12. Why: no text could be read on it." in letter.body
    assert "Your file 14. Why: it was made with Apple Pages" in letter.body
    page = seen(visit().get(own_path(play)).text)
    assert "11 photos of one paper" in page and "photo 3 of 12" in page and "file 14" in page


@pytest.mark.timeout(300)
def test_the_files_of_an_inquiry_are_one_sending_whenever_they_were_chosen(play: Play) -> None:
    token = drafts.start(play.world, "here", "en")
    owner = Owner("draft", drafts.read(play.world, token).id)
    for number, page in enumerate(report(2), 1):
        content = photo(page)
        name = f"page {number}.jpg"
        uploads.receive_whole(play.world, owner, name, len(content), io.BytesIO(content))
        play.clock.move(timedelta(days=1))
    play.case_id = drafts.submit(play.world, token, NewCase(patient=PATIENT, site="breast"))
    play.run()
    over(play)
    assert rows(play.world, Document)[-1].notes["photos"] == [1, 2]
    assert counts(play) == (0, {"review_findings": 1})


class Read(io.BytesIO):
    """Remembers how much was asked for at a time."""

    most = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None and size > 0
        self.most = max(self.most, size)
        return super().read(size)


def test_a_large_file_of_a_form_is_never_in_memory_whole(play: Play) -> None:
    token = drafts.start(play.world, "here", "en")
    owner = Owner("draft", drafts.read(play.world, token).id)
    content = Read(bytes(9 << 20))
    uploads.receive_whole(play.world, owner, "disc.zip", 9 << 20, content)
    assert content.most == 4 << 20
    assert [piece.size for piece in rows(play.world, UploadPiece)] == [4 << 20, 4 << 20, 1 << 20]
    (upload,) = rows(play.world, Upload)
    assert (upload.state, upload.received) == ("arrived", 9 << 20)


def test_what_comes_after_a_pause_is_another_sending(visit: Visit, play: Play) -> None:
    play.open()
    upload(visit, play, UNKNOWN, UNKNOWN + b"2", pause=QUIET / 2)
    over(play)
    assert counts(play)[0] == 1
    upload(visit, play, UNKNOWN + b"3")
    over(play)
    assert counts(play) == (2, {"repair_document": 2})
    visits = [upload.visit_at for upload in rows(play.world, Upload)]
    assert visits[0] == visits[1] < visits[2]


def test_a_file_that_is_still_being_sent_keeps_the_sending_open(visit: Visit, play: Play) -> None:
    play.open()
    sender = Sender(visit().client, ticket_for(play.world, Owner("case", play.case_id)))
    sender.send(UNKNOWN)
    path = sender.begin(len(UNKNOWN) + 1)
    over(play)
    assert counts(play)[0] == 0
    assert sender.put(path, 0, UNKNOWN + b"2").status_code == 204
    over(play)
    assert counts(play) == (1, {"repair_document": 1})
    assert "Your files 1, 2." in play.messages(template="M05")[0].body


@pytest.mark.timeout(300)
def test_a_coordinator_parts_and_joins_photos_at_the_console(visit: Visit, play: Play) -> None:
    play.open(*(photo(page) for page in report(2)))
    play.run()
    whole = rows(play.world, Document)[-1]
    console, page = visit("coordinator"), f"/cases/{play.case.ref}/documents"
    assert "put together from 2 photos" in seen(console.get(page).text)
    refused = visit("clinician").send(f"/documents/{whole.id}/photos", {}, page)
    assert refused.status_code == 422 and "Only a coordinator" in refused.text
    assert console.send(f"/documents/{whole.id}/photos", {}, page).status_code == 303
    play.run()
    assert [one.state for one in rows(play.world, Document)] == ["proposed"] * 2 + ["superseded"]
    assert 'name="photo" value="1"' in console.get(page).text
    refused = console.send(f"/cases/{play.case.ref}/photos", {"photo": ["1"]}, page)
    assert refused.status_code == 422 and "at least two" in refused.text
    sent = console.send(f"/cases/{play.case.ref}/photos", {"photo": ["1", "2"]}, page)
    assert sent.status_code == 303
    play.run()
    assert rows(play.world, Document)[-1].notes["photos"] == [1, 2]
    assert counts(play) == (0, {"review_findings": 1})


def test_a_question_about_a_sending_names_all_its_files(visit: Visit, play: Play) -> None:
    play.open(UNKNOWN, apple_letter(), breast_synoptic(ROSA))
    play.run()
    (task,) = [task for task in play.tasks() if task.kind == "repair_document"]
    page = seen(visit("coordinator").get(f"/tasks/{task.id}").text)
    assert "report 0.pdf file 1 unsupported" in page and "report 1.pdf file 2 pages app" in page
