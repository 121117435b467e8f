"""The repair desk: what stopped, in plain words, put right one by one or many at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page
from sqlalchemy import select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.mail_out import MailRefused, MailUncertain
from models import AuditEntry, CaseEvent, HumanTask, StepRun, WebhookDelivery, WebhookEndpoint
from models.base import require_id
from models.database import transaction
from models.human_task import REPAIRS
from settings import PROJECT_ROOT
from tests.web.browsing import of_lists, watch
from tests.web.parts import Visitor, make_user
from tests.workflows.acts import BrokenReader, wear_out
from tests.workflows.playing import PATIENT, Play
from views.repair import answers_of, queue_states
from views.repair_words import WEBHOOK, RepairWords
from workflows.decisions import QUESTIONS
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.letters.inbound import take_mail
from workflows.steps import STEPS

Visit = Callable[..., Visitor]
SYNOPTIC = (PROJECT_ROOT / "examples" / "breast-synoptic.pdf").read_bytes()


class BrokenMail:
    """A mail server that answers everything with one error, until it is mended."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error
        self.calls = 0

    def deliver(self, *_: object, **__: object) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error


def dead(world: World) -> list[StepRun]:
    with Session(world.engine) as session:
        return list(session.scalars(select(StepRun).where(col(StepRun.state) == "dead")))


def open_repairs(world: World, kind: str) -> list[HumanTask]:
    with Session(world.engine) as session:
        return list(
            session.scalars(
                select(HumanTask).where(col(HumanTask.kind) == kind, col(HumanTask.state) == "open")
            )
        )


@pytest.fixture
def words(world: World) -> RepairWords:
    return RepairWords.load(world.settings.playbooks_dir)


def test_every_step_and_every_answer_has_words(words: RepairWords) -> None:
    for name, step in STEPS.items():
        text, _ = words.of_step(name, "")
        assert step.words and text.stopped and text.patient, name
    for kind in (*REPAIRS, WEBHOOK):
        assert all(answer.will for answer in answers_of(kind)), kind
        assert kind == "repair_step" or words.of_task(kind, "").stopped
    assert "code 550" not in words.of_task("settle_message", "").stopped
    assert "(550)" in words.of_task("settle_message", "550").stopped


def test_dead_steps_with_one_cause_stand_together_and_are_retried_at_once(
    visit: Visit, world: World, play: Play
) -> None:
    broken = BrokenMail(MailRefused(permanent=False, code=451, stage="recipient"))
    world.mail_out = broken  # type: ignore[assignment]
    refs = []
    for _ in range(3):
        play.open()
        refs.append(play.case.ref)
    wear_out(play)
    coordinator = visit("coordinator")
    page = coordinator.get("/repair").text
    assert "A letter to a patient was not written or sent" in page
    assert "The mail server did not take the letter, again and again." in page
    assert "3 times" in page and "3 cases" in page
    assert all(ref in page for ref in refs)
    assert (PATIENT.name or "") not in page and (PATIENT.email or "") not in page
    assert "/tasks?name=notices.send_notice" in page

    everything = {
        "kind": "repair_step",
        "step": "notices.send_notice",
        "code": "MailRefused",
        "answer": "retry",
        "all": "true",
    }
    asked = coordinator.send("/repair/confirm", everything, page="/repair")
    assert asked.status_code == 200 and "3 rows" in asked.text
    assert len(dead(world)) == 3, "asking changes nothing"
    broken.error = None
    ids = [str(task.id) for task in open_repairs(world, "repair_step")]
    done = coordinator.send(
        "/repair/settle", {"kind": "repair_step", "answer": "retry", "task": ids}, page="/repair"
    )
    assert "3 rows were answered" in done.text
    assert dead(world) == []
    play.run()
    assert [m.state for m in play.messages(template="M01")] == ["sent"]
    assert len(play.events("job.requeued")) == 1
    assert "Nothing waits for a repair" in coordinator.get("/repair").text
    with Session(world.engine) as session:
        noted = session.scalars(select(AuditEntry).where(col(AuditEntry.action) == "repair.retry"))
        assert sorted(entry.object_ref for entry in noted) == sorted(f"task:{id}" for id in ids)


def test_what_cannot_be_done_for_one_row_is_shown_and_holds_back_no_other(
    visit: Visit, world: World, play: Play
) -> None:
    world.mail_out = BrokenMail(MailUncertain("dropped"))  # type: ignore[assignment]
    for _ in range(2):
        play.open()
    play.run()
    first, second = open_repairs(world, "settle_message")
    coordinator = visit("coordinator")
    assert "It is not known whether a letter arrived" in coordinator.get("/repair").text
    play.decide_only("settle_message", "delivered")
    done = coordinator.send(
        "/repair/settle",
        {
            "kind": "settle_message",
            "answer": "delivered",
            "task": [str(first.id), str(second.id), "999999"],
        },
        page="/repair",
    )
    assert "1 row was answered" in done.text and "2 rows were left" in done.text
    assert f"Task {first.id} is done already." in done.text
    assert "another kind of task" in done.text
    assert open_repairs(world, "settle_message") == []


def test_an_uncertain_letter_is_sent_again_only_with_a_reason_and_once(
    visit: Visit, world: World, play: Play
) -> None:
    server = BrokenMail(MailUncertain("dropped"))
    world.mail_out = server  # type: ignore[assignment]
    play.open()
    play.run()
    (task,) = open_repairs(world, "settle_message")
    coordinator = visit("coordinator")
    form = {"kind": "settle_message", "answer": "send_again", "task": str(task.id)}
    asked = coordinator.send("/repair/confirm", form, page="/repair")
    assert "DANGER" in asked.text and "gets it twice" in asked.text
    without = coordinator.send("/repair/settle", form, page="/repair")
    assert "1 row was left" in without.text and "reason" in without.text
    assert server.calls == 1
    server.error = None
    with_reason = {**form, "reason": "the ward looked, nothing there"}
    assert "1 row was answered" in coordinator.send("/repair/settle", with_reason, "/repair").text
    play.run()
    play.move(1)
    (letter,) = play.messages(template="M01")
    assert letter.state == "sent" and server.calls == 2
    assert [e.payload["outcome"] for e in play.events("message.settled")] == ["send_again"]


def test_letters_that_fit_no_case_and_unreadable_files_stand_on_the_desk(
    visit: Visit, world: World, play: Play
) -> None:
    raw = b"From: a@elsewhere.example\r\nSubject: Mrs Secret\r\n\r\nhello\r\n"
    take_mail(world, raw, uid="1:1", now=world.clock.now())
    play.open(b"%PDF-1.4 broken")
    play.run()
    coordinator = visit("coordinator")
    page = coordinator.get("/repair").text
    assert "A letter fits no case" in page and "Secret" not in page
    assert "elsewhere.example" not in page
    (file,) = open_repairs(world, "repair_document")
    assert f"document {file.objects['document_id']}" in page
    assert f'href="/tasks/{file.id}"' in page


class BrokenMailbox:
    """A mailbox that cannot be opened."""

    def __call__(self) -> None:
        raise OSError("no route")


def test_a_recurring_step_that_came_back_by_itself_can_be_put_aside(
    visit: Visit, world: World
) -> None:
    world.open_mailbox = BrokenMailbox()  # type: ignore[method-assign, assignment]
    runner = Runner(world, STEPS)
    ensure_recurring(world)
    clock = world.clock
    assert isinstance(clock, FixedClock)
    for _ in range(world.settings.step_max_attempts):
        runner.drain(FETCH_MAIL)
        clock.move(timedelta(hours=2))
    (task,) = open_repairs(world, "repair_step")
    coordinator = visit("coordinator")
    assert "The mailbox is not being read" in coordinator.get("/repair").text
    ensure_recurring(world)
    assert "runs again by itself" in coordinator.get("/repair").text
    form = {"kind": "repair_step", "answer": "retry", "task": str(task.id)}
    assert "1 row was answered" in coordinator.send("/repair/settle", form, "/repair").text
    assert open_repairs(world, "repair_step") == [] and dead(world) == []


def add_failed_delivery(world: World, play: Play, *, active: bool = True, status: int = 0) -> int:
    with transaction(world.engine) as session:
        endpoint = WebhookEndpoint(
            name="partner-a", url="https://partner.example/hook", secret="whsec_x", active=active
        )
        session.add(endpoint)
        session.flush()
        event = session.scalars(select(CaseEvent).limit(1)).one()
        delivery = WebhookDelivery(
            endpoint_id=require_id(endpoint.id),
            event_id=event.event_id,
            state="failed",
            attempts=10,
            last_status=status,
        )
        session.add(delivery)
        session.flush()
        assert delivery.id is not None
        return delivery.id


def test_a_failed_message_to_a_partner_is_offered_again_and_opens_its_address(
    visit: Visit, world: World, play: Play
) -> None:
    play.open()
    number = add_failed_delivery(world, play, active=False, status=410)
    coordinator = visit("coordinator")
    page = coordinator.get("/repair").text
    assert "address is closed" in page and play.case.ref in page
    form = {"kind": "webhook", "answer": "send_again", "task": str(number)}
    assert "1 row was answered" in coordinator.send("/repair/settle", form, "/repair").text
    with Session(world.engine) as session:
        delivery = session.get(WebhookDelivery, number)
        assert delivery and (delivery.state, delivery.attempts) == ("pending", 0)
        endpoint = session.get(WebhookEndpoint, delivery.endpoint_id)
        assert endpoint and endpoint.active
        steps = session.scalars(
            select(StepRun).where(
                col(StepRun.name) == "hooks.deliver_event", col(StepRun.state) == "queued"
            )
        ).all()
        assert [(step.objects["delivery_id"], step.lane) for step in steps] == [
            (number, endpoint.id)
        ]
    again = coordinator.send("/repair/settle", form, "/repair")
    assert "does not wait for a repair any more" in again.text


def test_a_message_to_a_partner_may_be_given_up_with_a_reason(
    visit: Visit, world: World, play: Play
) -> None:
    play.open()
    number = add_failed_delivery(world, play)
    lead = visit("lead")
    form = {"kind": "webhook", "answer": "give_up", "task": str(number)}
    assert lead.send("/repair/settle", form, "/repair").status_code == 422
    assert (
        "1 row was answered"
        in lead.send("/repair/settle", {**form, "reason": "contract ended"}, "/repair").text
    )
    assert "partner-a" not in lead.get("/repair").text


def test_queues_say_what_is_due_since_when_and_what_is_paused_or_dead(
    world: World, play: Play
) -> None:
    play.open()
    opened = world.clock.now()
    play.clock.move(timedelta(hours=3))
    with Session(world.engine) as session:
        queues = {queue.name: queue for queue in queue_states(session, world.clock.now())}
    assert set(queues) == {name.split(".")[0] for name in STEPS}
    assert queues["notices"].due == 1 and queues["notices"].late_since == opened
    assert queues["extraction"].due == 0 and queues["extraction"].late_since is None
    assert queues["reminders"].later + queues["reminders"].due >= 1


def test_who_sees_the_desk_and_who_may_act(visit: Visit, world: World, play: Play) -> None:
    world.mail_out = BrokenMail(MailUncertain("dropped"))  # type: ignore[assignment]
    play.open()
    play.run()
    assert visit("analyst").get("/repair").status_code == 403
    assert visit("clinician").get("/repair").status_code == 403
    administrator = visit("administrator").get("/repair")
    assert administrator.status_code == 200
    assert "It is not known whether a letter arrived" in administrator.text
    assert "Coordinator or lead answers this." in administrator.text
    assert 'name="answer"' not in administrator.text


def test_an_answer_needs_the_form_of_our_own_page(visit: Visit, world: World, play: Play) -> None:
    coordinator = visit("coordinator")
    form = {"kind": "repair_step", "answer": "retry", "task": "1", "csrf": "0" * 64}
    assert coordinator.client.post("/repair/settle", data=form).status_code == 403
    nothing = coordinator.send(
        "/repair/confirm", {"kind": "repair_step", "answer": "retry"}, "/directory/import"
    )
    assert nothing.status_code == 422 and "Tick at least one row" in nothing.text
    unknown = {"kind": "review_case", "answer": "sign", "task": "1"}
    sent = coordinator.send("/repair/confirm", unknown, "/directory/import")
    assert sent.status_code == 422
    assert "review_case" in QUESTIONS


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_dead_step_is_put_right_by_keyboard_and_the_case_goes_on(
    browser: Browser, address: str, world: World, play: Play, width: int
) -> None:
    make_user(world, "coordinator")
    reader, world.reader = world.reader, BrokenReader()
    play.open(SYNOPTIC)
    wear_out(play)
    assert [step.name for step in dead(world)] == ["extraction.read_document"]
    watched = watch(browser, address, width=width)
    watched.sign_in("coordinator")
    page = watched.page
    page.goto(f"{address}/repair")
    assert page.get_by_role("heading", name="A document was not read").is_visible()
    assert page.get_by_text("The file store did not answer.").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    world.reader = reader
    box = page.get_by_role("checkbox", name="tried 5 times")
    reach(page, box)
    if not box.is_checked():
        page.keyboard.press("Space")
    reach(page, page.get_by_role("button", name="Try it again"))
    page.keyboard.press("Enter")
    page.get_by_text("runs within seconds").wait_for()
    reach(page, page.get_by_role("button", name="Yes, do it"))
    page.keyboard.press("Enter")
    page.get_by_text("1 row was answered").wait_for()
    play.run()
    assert "review_findings" in [task.kind for task in play.tasks()]
    reach(page, page.get_by_role("link", name="Back to the desk"))
    page.keyboard.press("Enter")
    page.get_by_text("Nothing waits for a repair").wait_for()
    watched.must_be_quiet()


@pytest.mark.browser
def test_the_desk_refreshes_itself_but_not_under_the_hand_that_chooses(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "coordinator")
    world.mail_out = BrokenMail(MailUncertain("dropped"))  # type: ignore[assignment]
    watched = watch(browser, address)
    page = watched.page
    page.clock.install()
    watched.sign_in("coordinator")
    page.goto(f"{address}/repair")
    assert page.get_by_text("Nothing waits for a repair").is_visible()
    for _ in range(2):
        play.open()
    play.run()
    page.clock.fast_forward(16_000)
    page.get_by_text("2 things wait").wait_for()
    page.get_by_role("checkbox", name="All 2").check()
    page.get_by_role("heading", name="Repair desk").click()
    play.decide_only("settle_message", "delivered")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if of_lists(r) else None)
    page.clock.fast_forward(16_000)
    assert page.get_by_role("checkbox", name="All 2").is_checked() and asked == []
    page.get_by_role("checkbox", name="All 2").uncheck()
    page.get_by_role("checkbox", name="All 2").blur()
    page.clock.fast_forward(16_000)
    page.get_by_text("1 thing waits").wait_for()
    watched.must_be_quiet()


def reach(page: Page, element: Locator) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(80):
        if element.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")
