"""The same six steps in other systems, for `benchmarks/orchestration.py --peers FOLDER`.

FOLDER holds the packages of the peers, which are no part of the project:

    python -m pip install --target FOLDER dbos dramatiq procrastinate

Each is used as its own documentation shows it, with two worker processes, the same business rows
and statements, and a transaction for each step.
"""
