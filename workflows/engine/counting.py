"""Counts for the charts: what takes seconds over millions of events is counted ahead of time."""

from sqlalchemy import text

from workflows.engine.work import Work, slow

COUNTED = ("m_counted", "m_stage_week", "m_stage_time", "m_correction_week")
"""Materialized views of schema `analytics`; all say what was so at one moment."""


@slow(
    "ingestion.count_charts",
    words="the charts are counted again",
    stopped="The charts are not counted again",
    patient="Nothing for the patient; the team lead sees older numbers.",
)
def count_charts(work: Work) -> None:
    """Count anew; who looks at the charts meanwhile sees the old counts."""
    with work.finishing() as unit:
        for name in COUNTED:
            unit.session.execute(text(f"REFRESH MATERIALIZED VIEW CONCURRENTLY analytics.{name}"))
