"""What a family may be asked for, and what it is asked for now: codes and plain words."""

from models.database import transaction
from workflows.documents.completeness import asked_now
from workflows.engine.world import World

NAMES, ANSWERS = "name_items", "record_records_answer"


def family_items(world: World) -> list[tuple[str, str]]:
    """Return every item that a family may be asked for."""
    items = world.playbooks.completeness.items
    return [(code, item.plain) for code, item in items.items()]


def items_of_task(world: World, kind: str, case_id: int | None) -> list[tuple[str, str]]:
    """Return the items that a question's answers choose from; none for other questions."""
    if kind == NAMES:
        return family_items(world)
    if kind != ANSWERS or case_id is None:
        return []
    with transaction(world.engine) as session:
        asked = asked_now(session, case_id)
    open_items = asked.items if asked else ()
    return [one for one in family_items(world) if one[0] in open_items]
