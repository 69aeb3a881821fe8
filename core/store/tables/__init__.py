"""Every table, by the noun it holds. Every row is reachable from one platform; constraints have names from the first
migration.
"""

from core.store.tables.base import Base
from core.store.tables.classroom import Allowance, Appeal, Block, Credit, Pseudonym, Wall
from core.store.tables.courses import Course, Grade, Membership, Person, ResourceLink
from core.store.tables.gallery import Archive, Item, ItemProblem, Judgement, Tag, Tagging
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
from core.store.tables.polls import AnswerReport, Ballot, HiddenAnswer, Poll, PollCount, PollOption, Voter
from core.store.tables.pools import Arm, Contribution, Decision, Exposure, Report, Review
from core.store.tables.practice import Activity, ActivityProblem, Attempt, Draft, Image, Problem, ProblemImage
from core.store.tables.questions import Question, Seen, Vote
from core.store.tables.slack import (
    Channel,
    Prompt,
    SlackCode,
    SlackDirect,
    SlackEvent,
    SlackIdentity,
    SlackMessage,
    SlackState,
    SlackUser,
    Term,
    Workspace,
)
from core.store.tables.survival import SurvivalModel, TaskExposure, TaskRecord

__all__ = [
    "AccessToken",
    "Activity",
    "ActivityProblem",
    "Allowance",
    "AnswerReport",
    "Appeal",
    "Archive",
    "Arm",
    "Attempt",
    "Ballot",
    "Base",
    "Block",
    "Channel",
    "Chore",
    "Contribution",
    "Course",
    "Credit",
    "Decision",
    "Draft",
    "Exposure",
    "Grade",
    "HiddenAnswer",
    "Image",
    "Item",
    "ItemProblem",
    "Judgement",
    "KeySet",
    "LaunchSession",
    "LaunchState",
    "Membership",
    "Person",
    "Platform",
    "Poll",
    "PollCount",
    "PollOption",
    "Problem",
    "ProblemImage",
    "Prompt",
    "Pseudonym",
    "Question",
    "Registration",
    "Report",
    "ResourceLink",
    "Review",
    "Seen",
    "SlackCode",
    "SlackDirect",
    "SlackEvent",
    "SlackIdentity",
    "SlackMessage",
    "SlackState",
    "SlackUser",
    "SurvivalModel",
    "Tag",
    "Tagging",
    "TaskExposure",
    "TaskRecord",
    "Term",
    "ToolKey",
    "Vote",
    "Voter",
    "Wall",
    "Workspace",
]
