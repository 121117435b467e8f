"""A code after the password: set up, asked, taken once, replaced on paper, and taken away."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pyotp
import pytest
import time_machine
from httpx2 import Response
from sqlalchemy import select
from sqlmodel import Session, col

from accounts import second_factor, signing_in
from keys import OpeningFailed, open_sealed
from models import AuditEntry, RecoveryCode, SecondFactor
from models.database import transaction
from settings import Settings
from tests.fixtures.keys import RING
from tests.web.parts import PASSWORD, Visitor, make_user
from workflows.engine.world import World

Visit = Callable[..., Visitor]
_SECRET = re.compile(r'<code class="secret">([A-Z2-7 ]+)</code>')
_CODES = re.compile(r"<li><code>([a-z0-9-]+)</code></li>")
NOON = datetime(2026, 11, 23, 12, 0, 10, tzinfo=UTC)


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    """The real clock in our hand: codes change every 30 seconds."""
    with time_machine.travel(NOON, tick=False) as travel:
        yield travel


def audited(world: World) -> list[str]:
    with Session(world.engine) as session:
        return list(session.scalars(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))))


def set_up(visitor: Visitor) -> tuple[str, list[str]]:
    """Set a second factor up like a person; return its secret and the recovery codes."""
    begun = visitor.send("/account/second-factor", {"password": PASSWORD})
    assert begun.status_code == 200, begun.text
    found = _SECRET.search(begun.text)
    assert found and 'class="qr"' in begun.text
    secret = found.group(1).replace(" ", "")
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', begun.text)
    assert token
    done = visitor.client.post(
        "/account/second-factor/confirm",
        data={"csrf": token.group(1), "code": pyotp.TOTP(secret).now()},
    )
    codes = _CODES.findall(done.text)
    assert done.status_code == 200 and len(codes) == 10 == len(set(codes))
    return secret, codes


def step_in(visitor: Visitor, name: str, code: str) -> Response:
    first = visitor.sign_in(name)
    assert (first.status_code, first.headers["location"]) == (303, "/login/code")
    return visitor.send("/login/code", {"code": code})


def test_a_password_alone_opens_nothing_any_more(
    visit: Visit, world: World, time: time_machine.Traveller
) -> None:
    secret, _ = set_up(visit("coordinator"))
    time.shift(30)
    other = visit()
    assert other.sign_in("coordinator-1").headers["location"] == "/login/code"
    assert other.get("/").headers["location"] == "/login", "the first step opens nothing"
    assert "iort_session" not in other.client.cookies
    first_step = other.client.cookies["iort_session_step"]
    answer = other.send("/login/code", {"code": pyotp.TOTP(secret).now()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert other.get("/").status_code == 200
    assert other.client.cookies["iort_session"] != first_step
    assert audited(world)[-2:] == ["login.password_right", "login.succeeded"]


def test_the_token_of_the_first_step_is_no_session(
    visit: Visit, time: time_machine.Traveller
) -> None:
    set_up(visit("coordinator"))
    other = visit()
    other.sign_in("coordinator-1")
    other.client.cookies.set("iort_session", other.client.cookies["iort_session_step"])
    assert other.get("/").headers["location"] == "/login"


def test_a_code_is_taken_once_and_never_an_older_one(
    visit: Visit, time: time_machine.Traveller
) -> None:
    secret, _ = set_up(visit("coordinator"))
    used_at_set_up = pyotp.TOTP(secret).now()
    assert step_in(visit(), "coordinator-1", used_at_set_up).status_code == 401
    time.shift(60)
    code, older = pyotp.TOTP(secret).now(), pyotp.TOTP(secret).at(int(time_now()) - 30)
    assert step_in(visit(), "coordinator-1", code).status_code == 303
    assert step_in(visit(), "coordinator-1", code).status_code == 401, "a replay"
    assert step_in(visit(), "coordinator-1", older).status_code == 401, "before the one used"


def time_now() -> float:
    return datetime.now(UTC).timestamp()


@pytest.mark.parametrize(("seconds", "status"), [(-60, 401), (-30, 303), (30, 303), (60, 401)])
def test_a_clock_may_differ_by_one_step(
    visit: Visit, time: time_machine.Traveller, seconds: int, status: int
) -> None:
    secret, _ = set_up(visit("coordinator"))
    time.shift(300)
    code = pyotp.TOTP(secret).at(int(time_now()) + seconds)
    assert step_in(visit(), "coordinator-1", code).status_code == status


def test_guessing_codes_is_throttled_also_with_the_right_one(
    visit: Visit, world: World, time: time_machine.Traveller
) -> None:
    secret, _ = set_up(visit("coordinator"))
    time.shift(600)
    guesser = visit()
    guesser.sign_in("coordinator-1")
    wrong = [guesser.send("/login/code", {"code": "000000"}).status_code for _ in range(5)]
    assert wrong == [401] * signing_in.CODES_PER_ACCOUNT
    late = guesser.send("/login/code", {"code": pyotp.TOTP(secret).now()})
    assert late.status_code == 429 and int(late.headers["retry-after"]) <= 300
    assert audited(world).count("login.code_refused") == 5
    assert audited(world)[-1] == "login.throttled"


def test_the_second_step_must_follow_within_five_minutes(
    visit: Visit, time: time_machine.Traveller
) -> None:
    secret, _ = set_up(visit("coordinator"))
    other = visit()
    other.sign_in("coordinator-1")
    token = other.token("/login/code")
    time.shift(301)
    answer = other.client.post(
        "/login/code", data={"csrf": token, "code": pyotp.TOTP(secret).now()}
    )
    assert answer.status_code == 401 and "Sign in again" in answer.text
    assert other.get("/login/code").headers["location"] == "/login"


def test_a_recovery_code_opens_once(visit: Visit, time: time_machine.Traveller) -> None:
    _, codes = set_up(visit("coordinator"))
    assert step_in(visit(), "coordinator-1", codes[3].upper()).status_code == 303
    assert step_in(visit(), "coordinator-1", codes[3]).status_code == 401
    in_ = visit()
    assert step_in(in_, "coordinator-1", codes[4].replace("-", " ")).status_code == 303
    assert "8 of 10 recovery codes left" in in_.get("/account").text


def test_the_database_alone_opens_nothing(
    visit: Visit, world: World, time: time_machine.Traveller
) -> None:
    secret, codes = set_up(visit("coordinator"))
    with Session(world.engine) as session:
        (row,) = session.scalars(select(SecondFactor))
        hashes = set(session.scalars(select(col(RecoveryCode.code_hash))))
    assert secret not in row.sealed_secret and not hashes & set(codes)
    assert second_factor.opened(world.keys, row) == secret
    sealing, right = second_factor.SEALING, f"second_factor|{row.user_id}"
    for ring, purpose, place in (
        (world.keys.ring, sealing, "second_factor|0"),
        (world.keys.ring, "partner secret", right),
        (RING, sealing, right),
    ):
        with pytest.raises(OpeningFailed):
            open_sealed(ring, purpose, place, row.sealed_secret)
    assert second_factor.sealed(world.keys, 1, "v") != second_factor.sealed(world.keys, 1, "v")


def test_the_secret_is_shown_until_it_is_confirmed_and_never_after(
    visit: Visit, time: time_machine.Traveller
) -> None:
    visitor = visit("coordinator")
    begun = visitor.send("/account/second-factor", {"password": PASSWORD})
    token = visitor.token("/account")
    wrong = visitor.client.post(
        "/account/second-factor/confirm", data={"csrf": token, "code": "123456"}
    )
    found, again = _SECRET.search(begun.text), _SECRET.search(wrong.text)
    assert wrong.status_code == 422 and found and again and found.group(1) == again.group(1)
    secret = found.group(1).replace(" ", "")
    right = {"csrf": token, "code": pyotp.TOTP(secret).now()}
    assert visitor.client.post("/account/second-factor/confirm", data=right).status_code == 200
    assert visitor.get("/account/second-factor").headers["location"] == "/account"
    answer = visitor.client.post(
        "/account/second-factor", data={"csrf": token, "password": PASSWORD}
    )
    assert answer.status_code == 422 and not _SECRET.search(answer.text)
    assert secret not in visitor.get("/account").text.replace(" ", "")


def test_a_browser_left_open_cannot_set_one_up_without_the_password(visit: Visit) -> None:
    visitor = visit("coordinator")
    answer = visitor.send("/account/second-factor", {"password": "not the password"})
    assert answer.status_code == 422 and not _SECRET.search(answer.text)


def test_turning_it_on_signs_other_browsers_out(visit: Visit, time: time_machine.Traveller) -> None:
    visitor, other = visit("coordinator"), visit()
    assert other.sign_in("coordinator-1").status_code == 303
    set_up(visitor)
    assert other.get("/").headers["location"] == "/login"
    assert visitor.get("/").status_code == 200


def test_it_is_turned_off_against_a_code_only(
    visit: Visit, world: World, time: time_machine.Traveller
) -> None:
    visitor = visit("coordinator")
    secret, _ = set_up(visitor)
    refused = visitor.send("/account/second-factor/remove", {"code": "000000"}, page="/account")
    assert refused.status_code == 422
    time.shift(30)
    code = {"code": pyotp.TOTP(secret).now()}
    assert visitor.send("/account/second-factor/remove", code, page="/account").status_code == 303
    assert visit().sign_in("coordinator-1").headers["location"] == "/"
    assert audited(world).count("account.second_factor_off") == 1


def test_new_recovery_codes_end_the_old(visit: Visit, time: time_machine.Traveller) -> None:
    visitor = visit("coordinator")
    secret, codes = set_up(visitor)
    time.shift(30)
    answer = visitor.send(
        "/account/recovery-codes", {"code": pyotp.TOTP(secret).now()}, page="/account"
    )
    fresh = _CODES.findall(answer.text)
    assert len(fresh) == 10 and not set(fresh) & set(codes)
    assert step_in(visit(), "coordinator-1", codes[0]).status_code == 401
    assert step_in(visit(), "coordinator-1", fresh[0]).status_code == 303


def test_an_administrator_helps_who_lost_a_phone(
    visit: Visit, world: World, time: time_machine.Traveller
) -> None:
    visitor, admin = visit("coordinator"), visit("administrator")
    set_up(visitor)
    assert "Reset the second factor" in admin.get("/users").text
    form = {"act": "second_factor", "user_name": "coordinator-1"}
    assert admin.send("/users", form).status_code == 303
    assert visitor.get("/").headers["location"] == "/login", "signed out everywhere"
    assert visit().sign_in("coordinator-1").headers["location"] == "/"
    with Session(world.engine) as session:
        entry = session.scalars(
            select(AuditEntry).where(col(AuditEntry.action) == "user.second_factor")
        ).one()
        actor, about = entry.actor_ref, entry.object_ref
    assert actor != about and actor.startswith("U-") and about.startswith("U-")


def test_an_administrator_cannot_reset_their_own(visit: Visit) -> None:
    admin = visit("administrator")
    form = {"act": "second_factor", "user_name": "administrator-1"}
    assert admin.send("/users", form).status_code == 422


class TestDemanded:
    """`require_second_factor` names the role."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"require_second_factor": ["coordinator"]})

    def test_nothing_opens_before_it_is_set_up(
        self, visit: Visit, time: time_machine.Traveller
    ) -> None:
        visitor = visit("coordinator")
        for path in ("/", "/cases", "/account", "/tasks/1", "/documents/1/original", "/users"):
            answer = visitor.get(path)
            assert answer.headers["location"] == "/account/second-factor", path
        assert visitor.get("/api/cases").status_code == 403
        assert "Your role needs one" in visitor.get("/account/second-factor").text
        set_up(visitor)
        assert visitor.get("/").status_code == 200

    def test_other_roles_are_let_in(self, visit: Visit) -> None:
        assert visit("lead").get("/").status_code == 200

    def test_it_cannot_be_turned_off(self, visit: Visit, time: time_machine.Traveller) -> None:
        visitor = visit("coordinator")
        secret, _ = set_up(visitor)
        time.shift(30)
        code = {"code": pyotp.TOTP(secret).now()}
        answer = visitor.send("/account/second-factor/remove", code, page="/account")
        assert answer.status_code == 422
        assert visitor.get("/").status_code == 200

    def test_signing_out_is_always_possible(self, visit: Visit) -> None:
        visitor = visit("coordinator")
        assert visitor.send("/logout", {}, page="/account/second-factor").status_code == 303


def test_codes_are_those_of_the_standard(world: World) -> None:
    """RFC 6238, appendix B, truncated to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    vectors = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    user = make_user(world, "lead")
    assert user.id is not None
    with transaction(world.engine) as session:
        sealed = second_factor.sealed(world.keys, user.id, secret)
        session.add(SecondFactor(user_id=user.id, sealed_secret=sealed))
    for moment in sorted(vectors):
        with (
            time_machine.travel(datetime.fromtimestamp(moment, UTC), tick=False),
            transaction(world.engine) as session,
        ):
            row = session.get_one(SecondFactor, user.id)
            row.confirmed_at = NOON
            session.flush()
            assert second_factor.check(session, world.keys, user.id, vectors[moment]), moment
