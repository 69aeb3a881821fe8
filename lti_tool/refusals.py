"""Why a request is refused: one table.

Each line has a code for the log, a status, what happened and what to do next.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.words import N_


@dataclass(frozen=True, slots=True)
class Reason:
    """A kind of refusal. `what` and `advice` are message ids; `{...}` in them is filled from the refusal's values."""

    code: str
    status: int
    what: str
    advice: str
    retry_after: int | None = None  # seconds


class Refused(Exception):
    """Nothing was stored, or only what the reason says.

    `detail` is for our log and is in our own words, never the LMS's.
    """

    def __init__(self, reason: Reason, detail: str = "", **values: object) -> None:
        self.reason = reason
        self.detail = detail
        self.values = values
        super().__init__(f"{reason.code}: {detail}" if detail else reason.code)


_REOPEN = N_("Go back to your course and open the activity again. What you wrote before is kept.")
_TELL = N_("Tell your teacher or the administrator of your learning platform, with the support code below.")
_TELL_ADMINISTRATOR = N_("The administrator of the learning platform can mend this. The support code below helps.")

# -- login (1EdTech Security Framework 1.0 section 5.1.1) --
INCOMPLETE = Reason("login_incomplete", 400, N_("Your learning platform sent an incomplete request."), _TELL)
ISSUER_UNKNOWN = Reason(
    "issuer_unknown", 400, N_("The learning platform “{issuer}” is not registered here."), _TELL_ADMINISTRATOR
)
CLIENT_UNKNOWN = Reason(
    "client_unknown",
    400,
    N_("Your learning platform used a client id that is not registered here."),
    _TELL_ADMINISTRATOR,
)
CLIENT_AMBIGUOUS = Reason(
    "client_ambiguous",
    400,
    N_("Your learning platform did not say which of its registrations it means."),
    N_("Its administrator must let it send client_id when it starts a launch; several clients share its issuer here."),
)
NOT_APPROVED = Reason(
    "registration_pending",
    403,
    N_("This learning platform is registered but not approved yet."),
    N_("The operator of this tool approves it. Try again after that."),
)
DISABLED = Reason(
    "platform_disabled", 403, N_("This tool is switched off for your learning platform."), _TELL_ADMINISTRATOR
)
TARGET_FOREIGN = Reason("target_foreign", 400, N_("The link points to another place than this tool."), _TELL)

# -- launch (section 5.1.3; LTI Core 1.3 section 5.3) --
STATE_MISSING = Reason(
    "state_missing",
    400,
    N_("This page was opened in a way that cannot be checked."),
    N_("Open the activity from your course in a web browser. If you used an app, use the browser instead."),
)
STATE_UNKNOWN = Reason("state_unknown", 401, N_("This launch took too long, or began somewhere else."), _REOPEN)
STATE_USED = Reason("state_used", 401, N_("This launch was used already."), _REOPEN)
SESSION_ENDED = Reason("login_required", 401, N_("Your session in the learning platform has ended."), _REOPEN)
PLATFORM_ERROR = Reason("platform_error", 400, N_("Your learning platform stopped this launch."), _REOPEN)
TOKEN_INVALID = Reason("token_invalid", 401, N_("The message from your learning platform could not be trusted."), _TELL)
TOKEN_LATE = Reason(
    "token_time",
    401,
    N_("The message from your learning platform is too old, or its clock is wrong."),
    N_("Go back to your course and open the activity again. If it happens each time, tell the administrator."),
)
KEYS_UNREADABLE = Reason(
    "key_set_unreadable",
    503,
    N_("The keys of your learning platform cannot be read at the moment."),
    N_("Wait a minute, then open the activity from your course again. Nothing is lost."),
    retry_after=60,
)
SUBJECT_MISSING = Reason(
    "subject_missing",
    401,
    N_("Your learning platform did not say who you are."),
    N_("Ask its administrator to share user ids with this tool."),
)
DEPLOYMENT_UNKNOWN = Reason(
    "deployment_unknown",
    403,
    N_("This part of your learning platform is not approved here yet."),
    N_("The operator of this tool sees the request and can approve it. Try again after that."),
)
SUSPENDED = Reason("person_suspended", 403, N_("Your access to this tool was stopped."), N_("Talk to your teacher."))
NOT_BOUND = Reason("binding_wrong", 401, N_("This launch began in another browser."), _REOPEN)
TEACHERS_ONLY = Reason("teachers_only", 403, N_("Only teachers can do that."), N_("Go back to your course."))
NO_COURSE = Reason(
    "no_course",
    400,
    N_("This message names no course."),
    N_("Open this tool from inside a course of the learning platform."),
)

# -- sessions --
REOPEN = Reason(
    "session_over",
    401,
    N_("You are not signed in any more."),
    N_("Open the activity again from your course. What you typed is kept in this browser."),
)
ELSEWHERE = Reason("session_elsewhere", 403, N_("This page belongs to another activity or course."), _REOPEN)
READ_ONLY = Reason("read_only", 403, N_("You can look here, but not change anything."), N_("Go back to your course."))
FOREIGN_PAGE = Reason("foreign_page", 403, N_("This request came from a page that is not ours."), _REOPEN)

# -- deep linking --
ONE_ONLY = Reason(
    "one_item_only",
    400,
    N_("Your learning platform takes one activity at a time."),
    N_("Go back, choose one activity and add it. Your activities are kept."),
)
RETURN_ADDRESS = Reason(
    "return_address",
    401,
    N_("The address to return to is not one that this tool may send you to."),
    _TELL_ADMINISTRATOR,
)

# -- registration --
REGISTRATION = Reason("registration_refused", 400, "{problem}", _TELL_ADMINISTRATOR)

# -- plain HTTP --
NOT_FOUND = Reason(
    "not_found", 404, N_("There is no such page."), N_("Go back to your course and open the activity there.")
)
METHOD = Reason("method", 405, N_("This address cannot be opened like that."), _REOPEN)
TOO_LARGE = Reason(
    "too_large",
    413,
    N_("That is more than this page can take."),
    N_("Send less at once. What you wrote is kept in this browser."),
)
BAD_REQUEST = Reason("bad_request", 400, N_("The request could not be understood."), _REOPEN)
BUSY = Reason(
    "database",
    503,
    N_("We cannot store anything at the moment."),
    N_("Wait a minute and try again. What you typed is kept in this browser."),
    retry_after=30,
)
BROKEN = Reason(
    "broken",
    500,
    N_("Something broke on our side."),
    N_("Try again. If it stays broken, tell us the support code below."),
)
