"""A letter to one of our own people: written in English, answered by nobody, tied to no case."""

from collections.abc import Mapping
from typing import Any

from correspondence import compose_mime
from workflows.engine.work import Work
from workflows.letters.return_path import own_message_id


def team_letter(
    work: Work, code: str, fields: Mapping[str, Any], address: str, about: str
) -> bytes:
    """Return a letter as it leaves; `about` names it among ours, and no second one.

    Raises ValueError for an address that no letter can be written to.
    """
    world, settings = work.world, work.world.settings
    return compose_mime(
        world.playbooks.letters.write(code, fields, "en"),
        message_id=own_message_id(world, about),
        from_address=settings.mail_from,
        from_name=settings.mail_sender_name,
        to_address=address,
        date=work.now,
        auto_submitted="auto-generated",
    )
