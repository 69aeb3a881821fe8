"""Every table, by the noun it holds. Every row is reachable from one platform; constraints have names from the first
migration.
"""

from core.store.tables.base import Base
from core.store.tables.courses import Course, Grade, Membership, Person, ResourceLink
from core.store.tables.platforms import (
    AccessToken,
    Chore,
    KeySet,
    LaunchSession,
    LaunchState,
    Platform,
    Registration,
    ToolKey,
)
from core.store.tables.pools import Arm, Contribution, Decision, Exposure, Report, Review
from core.store.tables.practice import Activity, ActivityProblem, Attempt, Draft, Image, Problem, ProblemImage
from core.store.tables.survival import SurvivalModel, TaskExposure, TaskRecord

__all__ = [
    "AccessToken",
    "Activity",
    "ActivityProblem",
    "Arm",
    "Attempt",
    "Base",
    "Chore",
    "Contribution",
    "Course",
    "Decision",
    "Draft",
    "Exposure",
    "Grade",
    "Image",
    "KeySet",
    "LaunchSession",
    "LaunchState",
    "Membership",
    "Person",
    "Platform",
    "Problem",
    "ProblemImage",
    "Registration",
    "Report",
    "ResourceLink",
    "Review",
    "SurvivalModel",
    "TaskExposure",
    "TaskRecord",
    "ToolKey",
]
