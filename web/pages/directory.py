"""The hospital directory: techniques, devices, last confirmed, answer times."""

from fastapi import APIRouter

router = APIRouter()
