"""The analysts' questions with their answers, as pages and as CSV."""

import io
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from fastapi import Depends, HTTPException, Request
from starlette.responses import Response

from accounts.users import SignedIn
from analytics.questions import Answer, NoSuchQuestion, answer, questions
from web.access import only, world_of
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of
from workflows.csv_out import Table
from workflows.engine.words import in_words

readers = only("lead", "analyst", "administrator")
router = PageRouter(access=readers, compress=True)


@router.get("/questions", menu=Menu("Questions", "g q", 30))
def all_questions(request: Request, who: SignedIn = Depends(readers)) -> Response:
    """List the named questions."""
    values = {"questions": list(questions().values())}
    return pages_of(request).show(request, "questions.html", values)


@router.get("/questions/{name}.csv")
def question_csv(request: Request, name: str, who: SignedIn = Depends(readers)) -> Response:
    """Return an answer as CSV."""
    found = _ask(request, name)
    out = io.StringIO()
    table = Table(out)
    table.row(found.columns)
    table.rows([cell(value) for value in row] for row in found.rows)
    headers = {"content-disposition": f'attachment; filename="{found.question.name}.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/questions/{name}", example={"name": "funnel"})
def question(request: Request, name: str, who: SignedIn = Depends(readers)) -> Response:
    """Show an answer with the statement behind it."""
    found = _ask(request, name)
    rows = [[_told(value) for value in row] for row in found.rows]
    return pages_of(request).show(request, "question.html", {"answer": found, "rows": rows})


def _ask(request: Request, name: str) -> Answer:
    with world_of(request).analyst_engine.connect() as connection:
        try:
            return answer(connection, name)
        except NoSuchQuestion:
            raise HTTPException(404, "There is no such question.") from None


def _told(value: Any) -> Any:
    """Return a cell as a person reads it: codes in words, the start of a period as its day."""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return in_words(value) if isinstance(value, str) else cell(value)


def cell(value: Any) -> Any:
    """Return a cell as a table shows it."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, Decimal | float):
        return round(float(value), 2)
    return "" if value is None else value
