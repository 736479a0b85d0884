"""The tables, one module per aggregate.

``project_id`` leads every key of every tenant table: it is the tenant boundary and the
shard key (docs/decisions/0002-tenant-keys.md).
"""

from shared.models.account import (
    AuditEntry,
    ExternalIdentity,
    Invitation,
    ProjectDeletion,
    User,
)
from shared.models.alert import Alert, AlertEvaluation, AlertEvent
from shared.models.base import Base
from shared.models.channel import Channel, Delivery, DeliveryContent
from shared.models.cohort import Cohort, CohortMember
from shared.models.crawler import CrawlerCount, CrawlerEvent
from shared.models.day_file import DayFile
from shared.models.dead_letter import DeadLetter
from shared.models.division import Community, Division
from shared.models.event import Event
from shared.models.event_import import (
    EventImport,
    ImportCount,
    ImportPart,
    ImportRefusal,
    ImportUpload,
)
from shared.models.experiment import Experiment
from shared.models.failed_attempt import FailedAttempt
from shared.models.feature_flag import (
    FeatureFlag,
    FeatureFlagVersion,
    FlagEvaluationCount,
    ProposedFlagChange,
)
from shared.models.goal import Goal
from shared.models.ingestion import IngestionWarning, OutcomeCount, SpooledBatch
from shared.models.ledger import LedgerEntry
from shared.models.person import (
    Group,
    PendingMerge,
    PendingPerson,
    Person,
    PersonChange,
    PersonCounter,
    PersonDistinctId,
    PersonMerge,
    PersonTombstone,
)
from shared.models.person_export import PersonExportPart
from shared.models.project import ApiKey, EventSource, Membership, Project
from shared.models.report import Report
from shared.models.rollup import EventCount
from shared.models.saved_object import Annotation, Dashboard, Definition, SavedInsight
from shared.models.sealed import ANY_EVENT, SealedDay, SealedEvent, SealedValue
from shared.models.segment import Segment
from shared.models.session import SessionRow
from shared.models.summary import (
    CommunityDailySummary,
    DailyEventSummary,
    DivisionDailySummary,
    HourlyEventSummary,
    PageDailySummary,
    ProjectDailySummary,
    Reconciliation,
    RollupDrift,
)

__all__ = [
    "ANY_EVENT",
    "Alert",
    "AlertEvaluation",
    "AlertEvent",
    "Annotation",
    "ApiKey",
    "AuditEntry",
    "Base",
    "Channel",
    "Cohort",
    "CohortMember",
    "Community",
    "CommunityDailySummary",
    "CrawlerCount",
    "CrawlerEvent",
    "DailyEventSummary",
    "Dashboard",
    "DayFile",
    "DeadLetter",
    "Definition",
    "Delivery",
    "DeliveryContent",
    "Division",
    "DivisionDailySummary",
    "Event",
    "EventCount",
    "EventImport",
    "EventSource",
    "Experiment",
    "ExternalIdentity",
    "FailedAttempt",
    "FeatureFlag",
    "FeatureFlagVersion",
    "FlagEvaluationCount",
    "Goal",
    "Group",
    "HourlyEventSummary",
    "ImportCount",
    "ImportPart",
    "ImportRefusal",
    "ImportUpload",
    "IngestionWarning",
    "Invitation",
    "LedgerEntry",
    "Membership",
    "OutcomeCount",
    "PageDailySummary",
    "PendingMerge",
    "PendingPerson",
    "Person",
    "PersonChange",
    "PersonCounter",
    "PersonDistinctId",
    "PersonExportPart",
    "PersonMerge",
    "PersonTombstone",
    "Project",
    "ProjectDailySummary",
    "ProjectDeletion",
    "ProposedFlagChange",
    "Reconciliation",
    "Report",
    "RollupDrift",
    "SavedInsight",
    "SealedDay",
    "SealedEvent",
    "SealedValue",
    "Segment",
    "SessionRow",
    "SpooledBatch",
    "User",
]
