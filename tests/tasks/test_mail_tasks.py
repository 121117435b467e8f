"""The mail box holds its connections: nothing else does."""

import asyncio
import gc
import weakref

from local.embedded.mail_server import keep_tasks
from tests.fixtures.aside import run_aside


def test_a_task_that_nobody_else_holds_outlives_a_garbage_collection() -> None:
    async def waits_for_something_only_it_knows() -> None:
        await asyncio.get_running_loop().create_future()

    async def scene() -> bool:
        loop = asyncio.get_running_loop()
        keep_tasks(loop)
        task = weakref.ref(loop.create_task(waits_for_something_only_it_knows()))
        await asyncio.sleep(0)
        gc.collect()
        kept = task()
        if kept is None:
            return False
        kept.cancel()
        return True

    assert run_aside(scene())
