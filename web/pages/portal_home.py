"""The patient's own page behind the link: status, what is missing, messages, answers, consent."""

from fastapi import APIRouter

router = APIRouter()
