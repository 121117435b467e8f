"""The link to the hospital's desk in letters to hospitals: a mark that is filled as they leave.

What is drafted, approved and stored holds marks (`correspondence.own_page`); nothing that can be
read here opens a hospital's desk.
"""

from collections.abc import Mapping

from sqlmodel import Session

from accounts.desk_links import code_of_seed, desk_path
from correspondence import own_page
from models import DeskLink, Message
from models.base import require_id
from workflows.engine.world import World

ASK_ANEW = "/portal/desk/ended"
"""Stands in a letter whose link has ended before it left: the page says whom to ask."""
BRINGS_CODE = "M60"
"""The letter that brings the code of a link, and nothing else."""


def link_id_of(message: Message) -> int | None:
    """Return the link that a letter brings, if it brings one."""
    told = message.told if isinstance(message.told, dict) else {}
    found = told.get("link_id")
    return int(found) if found is not None else None


def desk_values(session: Session, world: World, message: Message) -> Mapping[str, str]:
    """Return what the marks of a letter to a hospital are replaced with: its link, its code."""
    number = link_id_of(message)
    row = session.get(DeskLink, number) if number is not None else None
    if row is None:
        return {}
    ring = world.keys.ring
    ended = row.ended_at is not None
    path = ASK_ANEW if ended else desk_path(ring, require_id(row.id), row.generation)
    values = {own_page.DESK: path}
    if message.template == BRINGS_CODE and row.code_seed and not ended:
        values[own_page.CODE] = code_of_seed(ring, row.code_seed)
    return values
