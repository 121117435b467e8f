"""Signing in with the organisation's accounts: real providers over HTTP, honest and crooked."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import OctKey, RSAKey
from oidc_provider_mock import run_server_in_thread
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session, col

from accounts import users as accounts
from models import AuditEntry, User
from models.database import transaction
from tests.web.crooked import CLIENT, CLIENT_SECRET, Crooked, crooked_provider
from tests.web.parts import Visitor, make_user
from web.app import create_app
from workflows.engine.world import World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

BACK = "/login/openid/back"
OURS = "http://127.0.0.1:8000"
Open = Callable[..., Visitor]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """An honest provider; return its issuer."""
    with run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def crooked() -> Iterator[Crooked]:
    with crooked_provider() as own:
        yield own


@pytest.fixture
def open_at(world: World) -> Iterator[Open]:
    """Return a function: a visitor of a console that trusts this issuer."""
    clients: list[TestClient] = []

    def make(issuer: str, **changes: object) -> Visitor:
        changes = {
            "web_public_url": OURS,
            "openid_issuer": issuer,
            "openid_client_id": CLIENT,
            "openid_client_secret": SecretStr(CLIENT_SECRET),
            "openid_name": "the Example Trust",
            **changes,
        }
        own = World(
            world.settings.model_copy(update=changes), engine=world.engine, clock=world.clock
        )
        client = TestClient(create_app(own), base_url=OURS, follow_redirects=False)
        clients.append(client)
        return Visitor(client)

    yield make
    for client in clients:
        client.close()


def linked(world: World, issuer: str, subject: str, role: str = "coordinator") -> User:
    """Make an account that only this person of the provider can open."""
    with transaction(world.engine) as session:
        return accounts.add_linked_user(
            session, user_name=f"{role}-there", role=role, issuer=issuer, subject=subject
        )


def audited(world: World) -> list[str]:
    with Session(world.engine) as session:
        return list(session.scalars(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))))


def at_provider(url: str, subject: str, **changed: str) -> str:
    """Sign in at the honest provider like a person; return the address it sends back to."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
    answer = httpx2.post(
        f"{parts.scheme}://{parts.netloc}{parts.path}", params=query, data={"sub": subject}
    )
    assert answer.status_code == 302, answer.text
    target = answer.headers["location"]
    assert target.startswith(f"{OURS}{BACK}?")
    return target.removeprefix(OURS)


def begin(visitor: Visitor) -> str:
    answer = visitor.get("/login/openid")
    assert answer.status_code == 303
    return answer.headers["location"]


def test_a_linked_person_gets_in(open_at: Open, world: World, provider: str) -> None:
    user = linked(world, provider, "person-7")
    visitor = open_at(provider)
    assert "Sign in with the Example Trust" in visitor.get("/login").text
    answer = visitor.get(at_provider(begin(visitor), "person-7"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert visitor.get("/").status_code == 200
    assert "coordinator-there" in visitor.get("/account").text
    with Session(world.engine) as session:
        last = session.scalars(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
    assert last and (last.action, last.actor_ref) == ("login.succeeded", user.ref)


def test_a_code_is_asked_for_with_proof_key_state_and_nonce(open_at: Open, provider: str) -> None:
    first, second = (
        {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        for url in (begin(open_at(provider)), begin(open_at(provider)))
    )
    assert (first["response_type"], first["scope"]) == ("code", "openid")
    assert first["redirect_uri"] == f"{OURS}{BACK}"
    assert first["code_challenge_method"] == "S256" and len(first["code_challenge"]) == 43
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 32 and first[name] != second[name]


def test_an_answer_counts_once_and_in_the_browser_that_asked(
    open_at: Open, world: World, provider: str
) -> None:
    linked(world, provider, "person-7")
    visitor, victim = open_at(provider), open_at(provider)
    target = at_provider(begin(visitor), "person-7")
    begin(victim)
    for other in (victim, open_at(provider)):
        assert other.get(target).status_code == 401, "a sign-in forced on somebody else"
        assert other.get("/").headers["location"] == "/login"
    assert visitor.get(target).status_code == 303
    assert visitor.get(target).status_code == 401, "a replay"
    assert {"openid.refused:state", "openid.refused:not_begun_here"} <= set(audited(world))


@pytest.mark.parametrize(
    "change", [{"state": "another"}, {"nonce": "another"}, {"client_id": "another"}]
)
def test_what_was_changed_on_the_way_is_refused(
    open_at: Open, world: World, provider: str, change: dict[str, str]
) -> None:
    linked(world, provider, "person-7")
    visitor = open_at(provider)
    assert visitor.get(at_provider(begin(visitor), "person-7", **change)).status_code == 401
    assert visitor.get("/").headers["location"] == "/login"
    assert audited(world)[-1].startswith("openid.refused:")


def test_an_unknown_person_is_told_what_to_give_the_administrator(
    open_at: Open, world: World, provider: str
) -> None:
    linked(world, provider, "person-7")
    visitor = open_at(provider)
    answer = visitor.get(at_provider(begin(visitor), "person-8"))
    assert answer.status_code == 403 and "person-8" in answer.text
    assert visitor.get("/").headers["location"] == "/login"
    assert audited(world)[-1] == "login.refused"
    with Session(world.engine) as session:
        assert not any("person" in r.object_ref for r in session.scalars(select(AuditEntry)))


def test_a_name_or_an_e_mail_address_is_no_identity(
    open_at: Open, world: World, provider: str
) -> None:
    """The honest provider's e-mail claim is what its user typed: a coordinator's user name."""
    make_user(world, "coordinator", "anna@example.org")
    visitor = open_at(provider)
    answer = visitor.get(at_provider(begin(visitor), "anna@example.org"))
    assert answer.status_code == 403


def test_the_same_subject_of_another_provider_is_somebody_else(
    open_at: Open, world: World, provider: str
) -> None:
    linked(world, "https://elsewhere.example", "person-7")
    visitor = open_at(provider)
    assert visitor.get(at_provider(begin(visitor), "person-7")).status_code == 403


def test_a_closed_account_stays_closed(open_at: Open, world: World, provider: str) -> None:
    user = linked(world, provider, "person-7")
    visitor = open_at(provider)
    with transaction(world.engine) as session:
        accounts.set_active(session, user.user_name, False)
    assert visitor.get(at_provider(begin(visitor), "person-7")).status_code == 403
    assert visitor.get("/").headers["location"] == "/login"


def test_who_says_no_at_the_provider_is_back_at_the_sign_in(
    open_at: Open, world: World, provider: str
) -> None:
    visitor = open_at(provider)
    state = parse_qs(urlsplit(begin(visitor)).query)["state"][0]
    answer = visitor.get(f"{BACK}?error=access_denied&state={state}")
    assert answer.status_code == 401 and "begin again" in answer.text


def come_back(visitor: Visitor, crooked: Crooked, iss: str = "") -> httpx2.Response:
    """Sign in at the crooked provider, which puts the right nonce in unless told otherwise."""
    asked = {k: v[0] for k, v in parse_qs(urlsplit(begin(visitor)).query).items()}
    crooked.claims = {"nonce": asked["nonce"]} | crooked.claims
    answer = visitor.get(f"{BACK}?code=c-1&state={asked['state']}{iss}")
    proof = (
        hashlib.sha256(crooked.asked[-1]["code_verifier"].encode()).digest()
        if crooked.asked
        else b""
    )
    if proof:
        expected = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        assert expected == asked["code_challenge"]
    return answer


def test_the_client_proves_itself_and_the_code(
    open_at: Open, world: World, crooked: Crooked
) -> None:
    linked(world, crooked.issuer, "person-7")
    assert come_back(open_at(crooked.issuer), crooked).status_code == 303
    (form,) = crooked.asked
    assert form["redirect_uri"] == f"{OURS}{BACK}"
    given = base64.b64decode(form["authorization"].removeprefix("Basic ")).decode()
    assert given == f"{CLIENT}:a+secret+of+the+client%27s" and "client_secret" not in form


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"aud": "another"}, "audience"),
        ({"aud": ["another", "third"]}, "audience"),
        ({"aud": [CLIENT, "another"]}, "authorized_party"),
        ({"azp": "another"}, "authorized_party"),
        ({"iss": "https://elsewhere.example"}, "issuer"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"exp": int(time.time()) - 120}, "expired"),
        ({"exp": None}, "expired"),
        ({"iat": int(time.time()) + 86400}, "issued_later"),
        ({"nbf": int(time.time()) + 86400}, "not_yet"),
        ({"sub": ""}, "subject"),
        ({"sub": None}, "subject"),
    ],
)
def test_a_token_that_says_something_wrong_is_refused(
    open_at: Open, world: World, crooked: Crooked, claims: dict[str, object], code: str
) -> None:
    linked(world, crooked.issuer, "person-7")
    crooked.claims = claims
    visitor = open_at(crooked.issuer)
    assert come_back(visitor, crooked).status_code == 401
    assert audited(world)[-1] == f"openid.refused:{code}"
    assert visitor.get("/").headers["location"] == "/login"


def test_a_token_that_somebody_else_signed_is_refused(
    open_at: Open, world: World, crooked: Crooked
) -> None:
    linked(world, crooked.issuer, "person-7")
    crooked.key = RSAKey.generate_key(2048, {"kid": "k1"})
    assert come_back(open_at(crooked.issuer), crooked).status_code == 401
    assert audited(world)[-1] == "openid.refused:signature"


def test_a_public_key_is_no_shared_secret(open_at: Open, world: World, crooked: Crooked) -> None:
    linked(world, crooked.issuer, "person-7")
    crooked.header = {"alg": "HS256", "kid": "k1"}
    crooked.key = OctKey.import_key(crooked.published.as_pem(private=False).hex())
    assert come_back(open_at(crooked.issuer), crooked).status_code == 401
    assert audited(world)[-1] == "openid.refused:signature"


def test_an_unsigned_token_is_refused(
    open_at: Open, world: World, crooked: Crooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(world, crooked.issuer, "person-7")

    def unsigned() -> str:
        claims = signed().split(".")[1]
        header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        return f"{header}.{claims}."

    signed = crooked.token
    monkeypatch.setattr(crooked, "token", unsigned)
    assert come_back(open_at(crooked.issuer), crooked).status_code == 401
    assert audited(world)[-1] == "openid.refused:signature"


def test_an_answer_of_another_issuer_is_refused(
    open_at: Open, world: World, crooked: Crooked
) -> None:
    linked(world, crooked.issuer, "person-7")
    answer = come_back(open_at(crooked.issuer), crooked, "&iss=https://elsewhere.example")
    assert answer.status_code == 401 and crooked.asked == [], "the code must not be given away"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"authorization_endpoint": "http://elsewhere.example/authorize"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_is_not_itself_is_not_asked(
    open_at: Open, crooked: Crooked, metadata: dict[str, object]
) -> None:
    crooked.metadata = metadata
    answer = open_at(crooked.issuer).get("/login/openid")
    assert answer.status_code == 503 and "location" not in answer.headers


def test_a_provider_that_is_away_leaves_the_password(open_at: Open, world: World) -> None:
    make_user(world, "lead")
    visitor = open_at("http://127.0.0.1:9")
    assert visitor.get("/login/openid").status_code == 503
    assert visitor.sign_in("lead").status_code == 303


@pytest.mark.parametrize(("amr", "strong"), [(["pwd"], False), (["pwd", "mfa"], True)])
def test_the_providers_second_factor_counts_when_it_says_so(
    open_at: Open, world: World, crooked: Crooked, amr: list[str], strong: bool
) -> None:
    linked(world, crooked.issuer, "person-7")
    crooked.claims = {"amr": amr}
    visitor = open_at(crooked.issuer, require_second_factor=["coordinator"])
    assert come_back(visitor, crooked).status_code == 303
    assert (visitor.get("/").status_code == 200) == strong


@pytest.mark.parametrize(
    ("groups", "status"), [(["staff", "iort-leads"], 303), (["staff"], 403), (None, 403)]
)
def test_a_claim_may_decide_the_role(
    open_at: Open, world: World, crooked: Crooked, groups: list[str] | None, status: int
) -> None:
    user = linked(world, crooked.issuer, "person-7")
    crooked.claims = {"groups": groups}
    visitor = open_at(
        crooked.issuer, openid_role_claim="groups", openid_roles={"iort-leads": "lead"}
    )
    assert come_back(visitor, crooked).status_code == status
    with Session(world.engine) as session:
        assert session.get_one(User, user.id).role == ("lead" if status == 303 else "coordinator")


def test_administrators_link_accounts(open_at: Open, world: World, provider: str) -> None:
    make_user(world, "administrator")
    admin = open_at(provider)
    admin.sign_in("administrator")
    form = {"act": "add", "user_name": "new", "role": "lead", "subject": "person-9"}
    assert admin.send("/users", form).status_code == 303
    visitor = open_at(provider)
    assert visitor.get(at_provider(begin(visitor), "person-9")).status_code == 303
    assert visitor.sign_in("new", "").status_code == 401, "no password, no way in by one"
    twice = {"act": "add", "user_name": "other", "role": "lead", "subject": "person-9"}
    assert admin.send("/users", twice).status_code == 422
    lonely = {"act": "link", "user_name": "new", "subject": ""}
    assert admin.send("/users", lonely).status_code == 422, "nothing left to sign in with"


def test_without_the_setting_there_is_no_such_door(open_at: Open) -> None:
    visitor = open_at("")
    assert "Sign in with" not in visitor.get("/login").text
    assert visitor.get("/login/openid").status_code == 404
    assert visitor.get(BACK).status_code in (401, 404)
