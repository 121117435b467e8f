"""Dramatiq: a pipeline of six messages over Redis. `dramatiq benchmarks.peers.with_dramatiq`."""

import os
from collections.abc import Sequence

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from benchmarks.orchestration_work import STEPS
from benchmarks.peers.business import step

broker = RedisBroker(url=os.environ["BENCHMARK_PEER_BROKER"])
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name="peer")
def work(case_id: int, number: int) -> None:
    """Do one step."""
    step(case_id, number)


def publish(case_ids: Sequence[int]) -> None:
    """Send each case's pipeline."""
    for case_id in case_ids:
        steps = [
            work.message_with_options(args=(case_id, number), pipe_ignore=True)
            for number in range(1, STEPS + 1)
        ]
        dramatiq.pipeline(steps).run()
