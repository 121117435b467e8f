"""Charts for the team lead, each with its table and the query behind it."""

from fastapi import APIRouter

router = APIRouter()
