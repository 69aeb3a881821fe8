"""What the LTI standards, their certification and known failures ask of a tool: one row, one test or more.

Levels: CERT is checked by the 1EdTech certification suite, MUST, SHOULD and MAY are the standard's words, QUIRK is
one platform's behaviour, HARDENING comes from a failure that someone had. A row that cannot apply yet says why in
`not_yet`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    level: str
    says: str
    not_yet: str = ""


OIDC_LOGIN = {
    "OIDC-01": Case("MUST", "A login started by a form post is sent on to the registered authorization address."),
    "OIDC-02": Case("MUST", "A login started by a query is treated like one started by a form."),
    "OIDC-04": Case("MUST", "A login without an issuer is refused with 400 and stores nothing."),
    "OIDC-05": Case("MUST", "A login without a login hint is refused with 400 and stores nothing."),
    "OIDC-07": Case(
        "MUST", "An issuer that is not registered is refused without a call; its name is shown escaped and cut."
    ),
    "OIDC-08": Case("MUST", "The message hint comes back to the platform exactly as it was sent."),
    "OIDC-10": Case("MUST", "A login hint of thousands of characters is passed on whole."),
    "OIDC-13": Case(
        "HARDENING", "Without a client id, several registrations of an issuer are never chosen between silently."
    ),
    "OIDC-14": Case("MUST", "A client id that this issuer does not have is refused."),
    "OIDC-15": Case("SHOULD", "A deployment named at login must be the one that the token names."),
    "OIDC-16": Case("HARDENING", "We return to our own launch address only; a target on another host is refused."),
    "OIDC-18": Case("HARDENING", "An authorization address that has a query keeps it."),
    "OIDC-19": Case("MUST", "State and nonce are fresh and unguessable in every login."),
    "OIDC-21": Case("MUST", "Two frames that log in at the same time both get in."),
    "OIDC-22": Case(
        "HARDENING", "Behind a proxy, cookies are secure and addresses https; only configured proxies are believed."
    ),
    "OIDC-23": Case(
        "MUST", "When the platform answers with an error, a readable page says what to do and the login is over."
    ),
    "OIDC-24": Case("MUST", "An issuer without https cannot be registered in production."),
}
ID_TOKEN_SIGNATURE = {
    "SIG-02": Case("CERT", "A key id that a freshly read key set does not hold is refused."),
    "SIG-04": Case("HARDENING", "A hundred unknown key ids cause one reading of the key set in a cool-down."),
    "SIG-05": Case("MUST", "A signature by someone else's key is refused."),
    "SIG-07": Case("MUST", "A token without a signature is refused."),
    "SIG-08": Case("MUST", "No spelling of the algorithm `none` gets through."),
    "SIG-09": Case("MUST", "A token signed with the public key as a shared secret is refused."),
    "SIG-10": Case("MUST", "A key set that calls its RSA key an HS256 key opens nothing."),
    "SIG-11": Case("MUST", "A symmetric key in a key set verifies nothing."),
    "SIG-13": Case("MUST", "A key that does not name its algorithm verifies RS256."),
    "SIG-14": Case("HARDENING", "A key meant for encryption verifies nothing."),
    "SIG-15": Case("HARDENING", "A key of 1024 bits is refused and the operator's log says so."),
    "SIG-16": Case("SHOULD", "Keys that a token brings along or points to are ignored."),
    "SIG-17": Case("MUST", "A critical header extension that we do not know is refused."),
    "SIG-18": Case("MUST", "A key bound to another algorithm does not verify RS256."),
    "SIG-19": Case("MUST", "Of two keys with one id, the one that fits is found."),
    "SIG-20": Case("MUST", "An unreadable key set gives a page that says so; the last good set stays in use."),
    "SIG-21": Case("HARDENING", "A key set that never answers is given up after seconds."),
    "SIG-22": Case("HARDENING", "A redirect of the key set is not followed."),
    "SIG-23": Case("HARDENING", "Of an endless key set only a little is read."),
    "SIG-25": Case("CERT", "What is no JWT is refused."),
    "SIG-29": Case("HARDENING", "A payload that says one thing twice is refused."),
    "SIG-30": Case("MUST", "A token in a query is refused and appears in no log."),
}
ID_TOKEN_CLAIMS = {
    "CLM-01": Case("CERT", "An expired token is refused."),
    "CLM-02": Case("CERT", "Times of long ago are refused."),
    "CLM-03": Case("MUST", "A token without an expiry is refused."),
    "CLM-05": Case("MUST", "An expiry that is not a number is refused."),
    "CLM-06": Case("MAY", "A token that lives for years does not make a session live longer."),
    "CLM-07": Case("MAY", "A token issued long ago is refused even if it has not expired."),
    "CLM-08": Case("MAY", "A platform whose clock is a few seconds ahead gets in."),
    "CLM-09": Case("MAY", "A token from the future is refused."),
    "CLM-10": Case("MAY", "A token that expired a moment ago gets in."),
    "CLM-11": Case("HARDENING", "A token that is not valid yet is refused."),
    "CLM-14": Case("MUST", "An issuer that only looks like the right one is refused."),
    "CLM-15": Case("MUST", "A token without an issuer is refused."),
    "CLM-16": Case("MUST", "A token of one platform does not answer a login at another."),
    "CLM-17": Case("MUST", "Our client id as the audience is accepted."),
    "CLM-18": Case("MUST", "Our client id as a list of one is accepted."),
    "CLM-19": Case("MUST", "Our client id is found at any place among trusted audiences."),
    "CLM-21": Case("SHOULD", "Several audiences without an authorized party are refused."),
    "CLM-23": Case("MUST", "A token for someone else is refused with 401."),
}
STATE_NONCE = {
    "NON-01": Case("MUST", "A token without a nonce is refused."),
    "NON-04": Case("HARDENING", "Of fifty equal launches at once, one is accepted."),
    "NON-05": Case("SHOULD", "A reloaded launch gives a page that says how to open the activity again."),
    "NON-06": Case("MUST", "A new token with a nonce that was used is refused."),
    "NON-07": Case("MUST", "The nonce of one login does not answer another."),
    "NON-09": Case("MUST", "A launch without a state is refused with 400."),
    "NON-10": Case("MUST", "A state that we do not know, or that is older than ten minutes, is refused."),
    "NON-11": Case(
        "MUST", "A browser that did not begin the login is asked who it is; it is never signed in silently."
    ),
    "NON-12": Case("MUST", "Without a cookie, the right value from the platform's storage binds the launch."),
    "NON-13": Case("MUST", "A cookie of the login with a wrong value is refused."),
    "NON-15": Case("HARDENING", "A used nonce stays used after a restart and in every process."),
    "NON-16": Case("HARDENING", "A nonce is remembered longer than its token could be valid."),
    "NON-17": Case("HARDENING", "A launch that fails does not use up the login of the right one."),
}
ROLES = {
    "ROL-01": Case("CERT", "Nobody's role in particular gives the least rights."),
    "ROL-02": Case("CERT", "Short role names count as context roles."),
    "ROL-03": Case("CERT", "Unknown roles give nothing and refuse nobody."),
    "ROL-04": Case("CERT", "Of several roles, the context roles decide."),
    "ROL-08": Case("MUST", "A sub-role has the rights of its principal role."),
    "ROL-09": Case("MUST", "An administrator of the institution or the system is no teacher by that."),
    "ROL-11": Case("MUST", "A test user works like a student and is never graded or counted."),
    "ROL-12": Case("MUST", "A mentor looks and changes nothing."),
    "ROL-13": Case("MUST", "Other context roles take part without rights over others."),
    "ROL-14": Case("MUST", "Old URN roles are understood."),
    "ROL-15": Case("MUST", "A role that is a string instead of a list is refused."),
    "ROL-17": Case("MUST", "Who was made a student has no teacher's rights any more, in any open session."),
    "ROL-18": Case("MUST", "Rights belong to a course, not to a person."),
}
DEPLOYMENT_TENANCY = {
    "TEN-01": Case("MUST", "An unknown deployment waits for the operator and is not let in."),
    "TEN-02": Case("MUST", "Deployments of one client share nothing."),
    "TEN-03": Case("MUST", "Clients of one issuer share nothing, even with equal deployment ids."),
    "TEN-04": Case("MUST", "One subject at two issuers is two people."),
    "TEN-05": Case("MUST", "One context id at two deployments is two courses."),
    "TEN-07": Case("MUST", "A service token of one client is never used for another."),
    "TEN-08": Case("MUST", "A disabled platform has no launches, no sessions and no service calls; its data stays."),
    "TEN-09": Case("MUST", "A launch does not lift a suspension."),
}
LAUNCH_SESSION = {
    "SES-01": Case("MUST", "Every page works by its Authorization header, without any cookie."),
    "SES-02": Case("MUST", "A session's token is in no address, no page and no log."),
    "SES-03": Case("MUST", "A cookie alone never authorises a write."),
    "SES-04": Case("MUST", "A token opens only what its launch opened."),
    "SES-06": Case(
        "MUST", "After its limits, a sign-out or a suspension a token is refused, and the page says what to do."
    ),
    "SES-09": Case(
        "MUST", "Answers with data are not kept, not sniffed, not referred, and framed by the platform only."
    ),
    "SES-10": Case("MUST", "Only the platform's pages may frame ours."),
    "SES-11": Case("HARDENING", "The page that frames us is known by its origin, so that messages go nowhere else."),
}
JWKS_KEYS = {
    "KEY-02": Case(
        "MUST", "A new key is published before it signs, and an old one after it signed; no key id returns."
    ),
    "KEY-03": Case("SHOULD", "Each registration has keys of its own."),
    "KEY-04": Case("HARDENING", "Private keys are encrypted at rest and appear in no error."),
}
DEEP_LINKING = {
    "DLK-02": Case("MUST", "Deep linking without settings or a return address is refused."),
    "DLK-03": Case("MUST", "A platform that takes no links gets an explained, empty answer."),
    "DLK-04": Case("MUST", "A return address must be https and cannot break out of the page."),
    "DLK-05": Case("MUST", "The answer is a form with the field JWT that submits itself."),
    "DLK-06": Case("MUST", "The answer says who answers whom, when, and to what."),
    "DLK-07": Case("MUST", "The answer is signed by a key that we publish."),
    "DLK-09": Case("MUST", "The platform's data is echoed if it sent any, and left out otherwise."),
    "DLK-11": Case("MUST", "A platform that takes one item gets one at most."),
    "DLK-13": Case("MUST", "A grade column has a positive maximum, a label, and ids that stay."),
    "DLK-14": Case("MUST", "Custom parameters are strings and hold our activity's id."),
    "DLK-15": Case("MUST", "An activity counts as placed when a launch found it, not when it was offered."),
    "DLK-16": Case("HARDENING", "The answer is valid for ten minutes at most and its nonce is new."),
    "DLK-18": Case("MUST", "A title goes out as plain text of reasonable length."),
}
AGS_SCORE = {
    "AGS-01": Case("MUST", "A score always says who, when, how far and out of how much."),
    "AGS-02": Case("MUST", "A score's media type is exact, to the letter."),
    "AGS-03": Case("MUST", "A score's timestamp has fractions of seconds and a zone, and is that of the change."),
    "AGS-07": Case("MUST", "A retry sends the same bytes, and `already there` is checked against the results."),
    "AGS-08": Case("QUIRK", "Canvas's `too old` is not tried again: the result is read instead."),
    "AGS-09": Case("QUIRK", "On Canvas a new score makes no new submission."),
    "AGS-12": Case("QUIRK", "Nothing is ever sent that makes Canvas erase a grade."),
    "AGS-13": Case("QUIRK", "Progress is not sent as a score, which would make Moodle erase one."),
    "AGS-14": Case("QUIRK", "No comment is repeated, because none is sent."),
    "AGS-16": Case("MUST", "A score carries no text about anybody."),
    "AGS-17": Case("MUST", "Zero points are sent as zero."),
    "AGS-18": Case("MUST", "More than the maximum may be sent."),
    "AGS-19": Case("MUST", "What is no number of points is refused before it is stored."),
    "AGS-20": Case("MUST", "A score is never sent without points, which would clear the grade."),
    "AGS-21": Case("MUST", "Points are rounded once, and the same everywhere."),
    "AGS-22": Case("MUST", "Scores name the platform's user; teachers and test users get none."),
    "AGS-23": Case("MUST", "Only the standard's words for progress are used."),
    "AGS-25": Case("MUST", "The time of submission is not in the future."),
    "AGS-27": Case("MUST", "A teacher's own grade is not overwritten, and the teacher is told."),
    "AGS-29": Case("MUST", "A forbidden score is not mistaken for throttling."),
    "AGS-30": Case("QUIRK", "A column that is gone is said in plain words."),
    "AGS-32": Case("MUST", "A worker that dies at any point loses no score and brings none back."),
    "AGS-33": Case("MUST", "After a day without the platform every score arrives; the wait can be seen."),
    "AGS-34": Case("MUST", "A teacher can have scores sent again, for one student or all."),
}
NRPS = {
    "NRP-01": Case("CERT", "A roster is asked for with its media type and its scope."),
    "NRP-02": Case("MUST", "Without the service, people are known by their launches."),
    "NRP-03": Case("MUST", "A service that does not speak version 2.0 is not used."),
    "NRP-04": Case("MUST", "Members without names are members."),
    "NRP-05": Case("MUST", "Members who left have no access and no new grades; their work stays."),
    "NRP-07": Case("MUST", "Links to the next page are understood in every form that RFC 8288 allows."),
    "NRP-09": Case("HARDENING", "A roster that never ends is given up, and nobody is removed."),
    "NRP-10": Case("HARDENING", "A page without members changes nothing."),
    "NRP-11": Case(
        "MUST", "Differences are read where the platform offers them, and the whole roster where they fail."
    ),
    "NRP-12": Case("MUST", "More or fewer members than asked for are fine."),
    "NRP-14": Case("MUST", "Sections are read where members have them."),
    "NRP-15": Case("MUST", "A large roster is read in the background."),
}
AREAS = {
    "oidc_login": OIDC_LOGIN,
    "id_token_signature": ID_TOKEN_SIGNATURE,
    "id_token_claims": ID_TOKEN_CLAIMS,
    "state_nonce": STATE_NONCE,
    "roles": ROLES,
    "deployment_tenancy": DEPLOYMENT_TENANCY,
    "launch_session": LAUNCH_SESSION,
    "jwks_keys": JWKS_KEYS,
    "deep_linking": DEEP_LINKING,
    "ags_score": AGS_SCORE,
    "nrps": NRPS,
}
CASES = {name: case for area in AREAS.values() for name, case in area.items()}
