"""Signing in with the organisation's own accounts: OpenID Connect."""

from fastapi import APIRouter

router = APIRouter()
