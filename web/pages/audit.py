"""The audit of one case: who looked at what."""

from fastapi import APIRouter

router = APIRouter()
