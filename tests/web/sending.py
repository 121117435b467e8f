"""A browser that uploads in pieces, and what became of its files."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select
from sqlmodel import Session

from models import Document
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS

BODY = {"content-type": "application/offset+octet-stream"}


@dataclass
class Sender:
    """A browser that uploads for one owner."""

    client: TestClient
    ticket: str

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Response:
        own = {"tus-resumable": "1.0.0", "upload-ticket": self.ticket}
        headers = {**own, **headers}
        answer: Response = self.client.request(method, path, headers=headers, content=body)
        return answer

    def create(self, length: int, name: str = "report.pdf", **headers: str) -> Response:
        given = f"filename {base64.b64encode(name.encode()).decode()}"
        length_and_name = {"upload-length": str(length), "upload-metadata": given}
        return self.ask("POST", "/portal/uploads", {**length_and_name, **headers})

    def begin(self, length: int, name: str = "report.pdf") -> str:
        answer = self.create(length, name)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    def offset(self, path: str) -> int:
        answer = self.ask("HEAD", path, {})
        assert answer.status_code == 200
        return int(answer.headers["upload-offset"])

    def put(self, path: str, offset: int, body: bytes, **headers: str) -> Response:
        return self.ask("PATCH", path, {**BODY, "upload-offset": str(offset), **headers}, body)

    def send(self, body: bytes, name: str = "report.pdf") -> str:
        path = self.begin(len(body), name)
        assert self.put(path, 0, body).status_code == 204
        return path


def rows(world: World, table: Any) -> list[Any]:
    with Session(world.engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def documents(world: World) -> list[bytes]:
    found = rows(world, Document)
    for document in found:
        content = world.storage.get(document.object_key)
        assert hashlib.sha256(content).hexdigest() == document.sha256
    return [world.storage.get(document.object_key) for document in found]


def take(world: World) -> None:
    Runner(world, STEPS).drain("ingestion.take_upload")
