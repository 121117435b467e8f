"""Resumable uploads by the tus protocol (https://tus.io/protocols/resumable-upload)."""

from fastapi import APIRouter

router = APIRouter()
