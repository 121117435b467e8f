"""My own account: password, time-based codes, signed-in browsers."""

from fastapi import APIRouter

router = APIRouter()
