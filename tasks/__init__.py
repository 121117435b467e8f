"""The Celery app, its queues, one thin task per step, the relay and the clock. No business rules.

A ring is a Celery task named after the step. Its arguments are ids: the row that rang and the root
of its chain, so that Flower, the broker and the logs never show personal data.
"""

import gc

# What is imported stays. To look through it for garbage meanwhile took an eighth of each start.
gc.set_threshold(50_000, 20, 50)
