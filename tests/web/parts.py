"""A browser without a browser: signs in, finds the form token, sends forms like one."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select
from sqlmodel import col

from accounts import users as accounts
from accounts.sessions import real_now, token_hash
from accounts.signed_links import portal_link
from accounts.users import add_user
from models import (
    Case,
    Document,
    Hospital,
    InboundWebhook,
    OutreachThread,
    PortalCode,
    RecordsPackage,
    RecordsPage,
    RecordsPart,
    User,
    WebhookEndpoint,
)
from models.database import transaction
from tests.workflows.playing import Play
from workflows.engine.world import World

PASSWORD = "a long enough password"
TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64,80})"')


CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Checked as any other: what a hash costs stands in it. At full price each takes 0.15 s of work."""


def make_user(world: World, role: str, name: str | None = None) -> User:
    """Make an account; its password is hashed at a low price."""
    with transaction(world.engine) as session, patch.object(accounts, "_HASHER", CHEAP):
        return add_user(session, user_name=name or role, role=role, password=PASSWORD)


def a_partner(world: World, case_id: int) -> dict[str, str]:
    """Write a partner and a delivery of a case into the database; return their ids."""
    with transaction(world.engine) as session:
        hook = InboundWebhook(
            source="p",
            external_id="m",
            object_key="",
            case_id=case_id,
            state="done",
            received_at=world.clock.now(),
        )
        partner = WebhookEndpoint(name="p", url="https://p.example/", secret="", active=False)
        session.add_all([hook, partner])
        session.flush()
        return {"hook_id": str(hook.id), "endpoint_id": str(partner.id)}


def a_thread(world: World, case_id: int) -> dict[str, str]:
    """Write a thread of a case with the first hospital into the database; return its id."""
    with transaction(world.engine) as session:
        hospital = session.scalars(select(Hospital).order_by(col(Hospital.id))).first()
        assert hospital is not None and hospital.id is not None
        thread = OutreachThread(
            case_id=case_id, hospital_id=hospital.id, subject="x", state="sent",
            opened_at=world.clock.now(),
        )  # fmt: skip
        session.add(thread)
        session.flush()
        return {"thread_id": str(thread.id)}


def a_package(world: World, case_id: int, thread_id: int) -> dict[str, str]:
    """Write records of a thread that wait to be looked at, of one page; return their ids."""
    with transaction(world.engine) as session:
        thread = session.get_one(OutreachThread, thread_id)
        document = session.scalars(
            select(Document).where(col(Document.case_id) == case_id).order_by(col(Document.id))
        ).first()
        assert document is not None and document.id is not None
        package = RecordsPackage(
            case_id=case_id, thread_id=thread_id, hospital_id=thread.hospital_id,
            level="D2_deid_records", state="to_approve", made_by="c1", made_at=world.clock.now(),
            sheet={"case": "x", "as_of": "2026-11-23", "head": [], "blocks": [], "imaging": []},
        )  # fmt: skip
        session.add(package)
        session.flush()
        part = RecordsPart(
            case_id=case_id, package_id=package.id or 0, document_id=document.id, position=0,
            sha256=document.sha256, state="ready",
        )  # fmt: skip
        session.add(part)
        session.flush()
        world.storage.put("records/page", b"RIFF0000WEBP", "image/webp")
        page = RecordsPage(
            case_id=case_id, part_id=part.id or 0, number=1, width=595, height=842,
            after_key="records/page",
        )  # fmt: skip
        session.add(page)
        session.flush()
        return {"package_id": str(package.id), "page_id": str(page.id), "part_id": str(part.id)}


FAMILY = "the-browser-of-the-family"
"""The cookie of every visitor of `visit`; what it may do stands in the database."""


def shown_code(world: World, case_id: int) -> None:
    """Let the family's browser have shown a code for a case's page just now."""
    now = real_now()
    with transaction(world.engine) as session:
        session.add(
            PortalCode(
                case_id=case_id,
                seed="a seed",
                browser_sha256=token_hash(FAMILY),
                link_generation=session.get_one(Case, case_id).link_generation,
                link_ref="a link",
                address_ref="an address",
                expires_at=now,
                used_at=now,
                acts_until=now + timedelta(hours=1),
                created_at=now - timedelta(days=2),
            )
        )


def link_of(world: World, case: Case) -> str:
    """Return the path of the patient's page by a fresh link that no letter brought."""
    return portal_link("", world.keys.ring, case.id or 0, case.link_generation)


def own_path(play: Play) -> str:
    """Return the path of the patient's page; the family's browser has shown a code for it."""
    shown_code(play.world, play.case_id)
    return link_of(play.world, play.case)


@dataclass
class Visitor:
    """One person at the console."""

    client: TestClient

    def sign_in(self, name: str, password: str = PASSWORD) -> Response:
        token = self.token("/login")
        return self.client.post(
            "/login", data={"user_name": name, "password": password, "csrf": token}
        )

    def token(self, path: str) -> str:
        found = TOKEN.search(self.client.get(path).text)
        assert found, f"no form on {path}"
        return found.group(1)

    def send(self, path: str, form: dict[str, Any], page: str | None = None) -> Response:
        return self.client.post(path, data={"csrf": self.token(page or path), **form})

    def get(self, path: str) -> Response:
        return self.client.get(path)


def routes(router: Any) -> Iterator[str]:
    """Return every route of the application as "METHOD /template"."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes(inner)
        else:
            for method in getattr(route, "methods", None) or ["GET"]:
                yield f"{method} {route.path}"


def seen(answer: str) -> str:
    """Return a page as its reader sees it: no tags, single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer)).split())
