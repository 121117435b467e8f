"""What was read of a document's pages: the words in the store, how each was read in the table."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import delete
from sqlmodel import Session, col

from adapters.reader.protocol import page_from_json, page_to_json
from adapters.storage import ObjectStorage
from extractors.types import Page
from models import Document, DocumentPage
from models.base import require_id


class Recording(Protocol):
    """Who records facts on a case in a transaction: a step, or a person at a page."""

    session: Session

    def record(self, type: str, payload: Mapping[str, Any], objects: Mapping[str, int]) -> object:
        """Record a fact."""


def store_pages(storage: ObjectStorage, sha256: str, pages: Sequence[Page]) -> str:
    """Keep the pages of the original with this hash; return their key.

    Raises `adapters.storage.StorageError`.
    """
    body = json.dumps({"pages": [page_to_json(page) for page in pages]}, ensure_ascii=False)
    content = body.encode()
    key = f"text/{sha256}-{hashlib.sha256(content).hexdigest()[:12]}.json"
    storage.put(key, content, "application/json")
    return key


def load_pages(storage: ObjectStorage, text_key: str) -> tuple[Page, ...]:
    """Return the pages kept under `text_key`; raises `adapters.storage.StorageError`."""
    raw = json.loads(storage.get(text_key))
    return tuple(page_from_json(page) for page in raw["pages"])


def write_pages(session: Session, document_id: int, pages: Sequence[Page]) -> None:
    """Write how each page was read, in place of an earlier reading."""
    session.execute(delete(DocumentPage).where(col(DocumentPage.document_id) == document_id))
    for page in pages:
        session.add(
            DocumentPage(
                document_id=document_id,
                number=page.number,
                width=page.width,
                height=page.height,
                method=page.method,
                reason=page.reason[:200],
                characters=len(page.text),
                confidence=page.confidence,
            )
        )


def note_text_extracted(by: Recording, document: Document, pages: Sequence[Page]) -> None:
    """Record that a document has words: findings are looked for in it."""
    methods = {page.method for page in pages if page.text}
    confidence = sum(page.confidence for page in pages) / max(len(pages), 1)
    objects = {"document_id": require_id(document.id)}
    payload = {
        **objects,
        "method": "mixed" if len(methods) > 1 else next(iter(methods), "text_layer"),
        "pages": len(pages),
        "chars": sum(len(page.text) for page in pages),
        "mean_confidence": round(confidence, 3),
    }
    by.record("document.text_extracted", payload, objects)
