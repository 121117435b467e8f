"""Memory: SQLModel tables and value types, one file per noun. No decisions are made here.

Importing this package registers every table on `SQLModel.metadata`; Alembic and the tests rely
on that.
"""

from models.account_change import AccountChange
from models.assessment import Assessment, Review
from models.audit import AuditEntry
from models.base import utc_now_column
from models.case import Case, CaseLink
from models.clock import ClockShift
from models.consent import Consent
from models.criteria_act import CriteriaAct
from models.data_key import DataKey
from models.directory_change import DirectoryChange
from models.document import Document, DocumentPage
from models.erasure import ErasedObject, Erasure
from models.event import CaseEvent
from models.evidence import EvidenceLink, HistoryCheck, SignedHead
from models.exchange_rate import ExchangeRate
from models.finding import FindingRecord
from models.hospital import Hospital
from models.human_task import HumanTask
from models.lateness import LateLetter, LateThing
from models.leader import Leader
from models.mark import Mark
from models.message import InboundMail, MailboxMessage, Message
from models.object_keys import SealedObject
from models.offer import Offer
from models.outreach import MoreInfoItem, OutreachThread
from models.patient import ContactPoint, Patient
from models.peer import Peer, QueuePause
from models.portal import PortalDraft, Upload, UploadPiece
from models.portal_access import PortalCode
from models.rate import RateCount
from models.reading_use import ReadingUse
from models.records import DeskLink, DeskVisit, RecordsPackage, RecordsPage, RecordsPart
from models.red_flag import RedFlagCall
from models.reminder import FollowUpEntry
from models.restoration import Restoration
from models.saved_view import SavedView
from models.spent_budget import SpentBudget
from models.step_run import StepRun
from models.talk import ThreadContact, ThreadNote
from models.travel import JourneyEntry
from models.user import RecoveryCode, SecondFactor, User, UserSession
from models.webhook import (
    HookObject,
    InboundWebhook,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)

__all__ = [
    "AccountChange",
    "Assessment",
    "AuditEntry",
    "Case",
    "CaseEvent",
    "CaseLink",
    "ClockShift",
    "Consent",
    "ContactPoint",
    "CriteriaAct",
    "DataKey",
    "DeskLink",
    "DeskVisit",
    "DirectoryChange",
    "Document",
    "DocumentPage",
    "ErasedObject",
    "Erasure",
    "EvidenceLink",
    "ExchangeRate",
    "FindingRecord",
    "FollowUpEntry",
    "HistoryCheck",
    "HookObject",
    "Hospital",
    "HumanTask",
    "InboundMail",
    "InboundWebhook",
    "JourneyEntry",
    "LateLetter",
    "LateThing",
    "Leader",
    "MailboxMessage",
    "Mark",
    "Message",
    "MoreInfoItem",
    "Offer",
    "OutreachThread",
    "Patient",
    "Peer",
    "PortalCode",
    "PortalDraft",
    "QueuePause",
    "RateCount",
    "ReadingUse",
    "RecordsPackage",
    "RecordsPage",
    "RecordsPart",
    "RecoveryCode",
    "RedFlagCall",
    "Restoration",
    "Review",
    "SavedView",
    "SealedObject",
    "SecondFactor",
    "SignedHead",
    "SpentBudget",
    "StepRun",
    "ThreadContact",
    "ThreadNote",
    "Upload",
    "UploadPiece",
    "User",
    "UserSession",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "utc_now_column",
]
