"""The OAuth scopes of LTI Advantage that we use; no call asks for more than its own."""

from __future__ import annotations

SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

WANTED = (SCORE, RESULT, ROSTER)
