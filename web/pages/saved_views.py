"""Filters of the case list that somebody keeps under a name."""

from fastapi import APIRouter

router = APIRouter()
