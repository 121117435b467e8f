"""Many inquiries from one address have one budget of bytes; other people's is their own."""

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import PortalDraft
from settings import Settings
from workflows.engine.world import World
from workflows.portal import drafts, upload_room, uploads
from workflows.portal.uploads import Owner, UploadRefused


def test_one_address_cannot_fill_the_store_by_many_inquiries(
    engine: Engine, settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_room, "MAX_OF_PLACE", 1000)
    world = World(settings, engine=engine, clock=clock)
    for place in ("ip:a", "ip:a", "ip:b"):
        drafts.start(world, place, "en")
    with Session(engine) as session:
        ids = session.scalars(select(col(PortalDraft.id)).order_by(col(PortalDraft.id))).all()
    first, second, other = (Owner("draft", int(one or 0)) for one in ids)
    uploads.begin(world, first, length=600, file_name="a.pdf")
    with pytest.raises(UploadRefused) as refused:
        uploads.begin(world, second, length=600, file_name="b.pdf")
    assert refused.value.code == "too_much"
    uploads.begin(world, second, length=400, file_name="c.pdf")
    uploads.begin(world, other, length=900, file_name="d.pdf")
