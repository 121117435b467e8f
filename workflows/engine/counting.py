"""Counts for the charts: what takes seconds over millions of events is counted ahead of time."""

from sqlalchemy import text

from workflows.engine.work import Work, slow


@slow(
    "ingestion.count_charts",
    words="the charts are counted again",
    stopped="The charts are not counted again",
    patient="Nothing for the patient; the team lead sees older numbers.",
)
def count_charts(work: Work) -> None:
    """Count anew; who looks at the charts meanwhile sees the old counts.

    All materialized views of the schema `analytics` say what was so at one moment. Only their owner
    may count: the function of the database does it in the owner's name.
    """
    with work.finishing() as unit:
        unit.session.execute(text("SELECT count_charts_anew()"))
