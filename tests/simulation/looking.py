"""What the house does by itself every few minutes, let happen when the story says so."""

from typing import TYPE_CHECKING

from workflows.engine.recurring import ensure_recurring

if TYPE_CHECKING:
    from tests.simulation.house import House


def look(house: "House", step: str) -> None:
    """Queue a run of one recurring step and work it; the others are put away."""
    ensure_recurring(house.world)
    with house.engine.begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM step_run WHERE dedupe_key IS NOT NULL AND name <> %s AND case_id IS NULL",
            (step,),
        )
        connection.exec_driver_sql(
            "UPDATE step_run SET state = 'queued', due_at = %s WHERE dedupe_key IS NOT NULL"
            " AND name = %s",
            (house.clock.now(), step),
        )
    house.drain(step)
    with house.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM step_run WHERE dedupe_key IS NOT NULL")
