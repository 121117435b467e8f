"""The repair desk: steps that stopped, in plain words, grouped by cause."""

from fastapi import APIRouter

router = APIRouter()
