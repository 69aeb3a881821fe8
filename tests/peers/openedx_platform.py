"""Open edX as a peer: its own LTI 1.3 code, served alone, to launch the tool from a platform that we did not write.

`lti-consumer-xblock` brings the protocol (login, key set, tokens, scores, roster, deep linking) and expects an LMS
around it; `Lms` is the least that it accepts: one course with one graded block and five members. This script runs in
an environment of its own, made by test_openedx.py from openedx.txt. The package is AGPL: the product never imports it.

    python openedx_platform.py --port 8001 --tool http://127.0.0.1:8000 --directory /tmp/openedx
"""

from __future__ import annotations

import argparse
import socketserver
import wsgiref.simple_server
from pathlib import Path
from typing import Any

COURSE = "course-v1:Example+Algebra+Autumn"
BLOCK = "block-v1:Example+Algebra+Autumn+type@lti_consumer+block@practice"
CLIENT_ID = "heirloom-at-openedx"
TEACHER = 1
MEMBERS = {
    number: f"Teacher {number:02}" if number == TEACHER else f"Learner {number:02}" for number in range(TEACHER, 6)
}
MAXIMUM = 20  # points of the block


def subject(member: int) -> str:
    """How the platform names a member to the tool."""
    return f"openedx-{member}"


class Block:
    """The graded unit of the course that holds the tool's link."""

    lti_1p3_passport_id = None
    display_name = "Practice"
    context_id = COURSE
    weight = MAXIMUM
    has_score = True
    accept_grades_past_due = True

    def __init__(self, location: Any) -> None:
        self.scope_ids = argparse.Namespace(usage_id=location)
        self.published: list[dict[str, Any]] = []

    def is_past_due(self) -> bool:
        return False

    def max_score(self) -> float:
        return float(self.weight)

    def set_user_module_score(self, user: str, score: float, max_score: float, comment: str | None) -> None:
        """What the course's gradebook is told."""
        self.published.append({"user": user, "fraction": score, "maximum": max_score, "comment": comment})


class Lms:
    """What the package asks of the LMS. Each method replaces its namesake in `lti_consumer.plugin.compat`."""

    def __init__(self, block: Block) -> None:
        self._block = block

    def load_enough_xblock(self, _location: Any) -> Block:
        return self._block

    def load_block_as_user(self, _location: Any) -> Block:
        return self._block

    def user_has_studio_write_access(self, _user: Any, _course: Any) -> bool:
        return True  # the platform has no accounts: whoever comes is its author

    def get_user_from_external_user_id(self, external_id: str) -> str:
        return external_id

    def get_course_members(self, _course: Any) -> dict[int, dict[str, Any]]:
        return {
            number: {
                "id": number,
                "name": name,
                "email": f"member{number}@example.org",
                "roles": ["instructor" if number == TEACHER else "student"],
            }
            for number, name in MEMBERS.items()
        }

    def batch_get_or_create_externalids(self, _users: Any) -> dict[int, Any]:
        return {number: argparse.Namespace(external_user_id=subject(number)) for number in MEMBERS}

    def move_in(self) -> None:
        from lti_consumer.plugin import compat

        for name in vars(type(self)):
            if not name.startswith("_") and hasattr(compat, name):
                setattr(compat, name, getattr(self, name))


def configure(address: str, database: Path) -> None:
    """A Django project with nothing but the package in it."""
    import django
    from django.conf import settings

    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        FEATURES={},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "rest_framework",
            "django_filters",
            "config_models",
            "lti_consumer",
        ],
        LMS_BASE=address.removeprefix("http://"),
        LMS_ROOT_URL=address,
        LTI_API_BASE=address,
        LTI_BASE=address,
        LTI_NRPS_DISALLOW_PII=False,
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "edx_django_utils.cache.middleware.RequestCacheMiddleware",
            "edx_django_utils.cache.middleware.TieredCacheMiddleware",
        ],
        PLATFORM_NAME="Open edX, alone",
        ROOT_URLCONF=__name__,
        SECRET_KEY="a test peer keeps no secrets",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        USAGE_ID_PATTERN=r"(?P<usage_id>[^/]+)",
        USAGE_KEY_PATTERN=r"(?P<usage_key_string>[^/]+)",
        USE_TZ=True,
    )
    django.setup()


def place_tool(tool: str) -> tuple[Any, Block]:
    """Register the tool and put its link into the course, as an author does in Studio."""
    from django.core.management import call_command
    from lti_consumer.models import CourseAllowPIISharingInLTIFlag, Lti1p3Passport, LtiConfiguration
    from opaque_keys.edx.keys import CourseKey, UsageKey

    call_command("migrate", verbosity=0, run_syncdb=True)
    block = Block(UsageKey.from_string(BLOCK))
    Lms(block).move_in()
    CourseAllowPIISharingInLTIFlag.objects.create(course_id=CourseKey.from_string(COURSE), enabled=True)
    passport = Lti1p3Passport.objects.create(
        lti_1p3_client_id=CLIENT_ID, lti_1p3_tool_keyset_url=f"{tool}/lti/jwks", name="Heirloom"
    )
    placed = LtiConfiguration.objects.create(
        version=LtiConfiguration.LTI_1P3,
        config_store=LtiConfiguration.CONFIG_ON_DB,
        location=block.scope_ids.usage_id,
        lti_1p3_passport=passport,
        lti_1p3_oidc_url=f"{tool}/lti/login",
        lti_1p3_launch_url=f"{tool}/lti/launch",
        lti_1p3_redirect_uris=[f"{tool}/lti/launch"],
        lti_advantage_ags_mode=LtiConfiguration.LTI_ADVANTAGE_AGS_DECLARATIVE,
        lti_advantage_deep_linking_enabled=True,
        lti_advantage_deep_linking_launch_url=f"{tool}/lti/launch",
        lti_advantage_enable_nrps=True,
    )
    _ = placed.lti_1p3_public_jwk  # the key is made when it is first asked for: here, before two requests do at once
    return placed, block


def pages(address: str, placed: Any, block: Block) -> list[Any]:
    """The package's addresses, and three of this script for whoever tests."""
    from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
    from django.urls import include, path
    from lti_consumer.data import Lti1p3LaunchData
    from lti_consumer.models import LtiAgsScore, LtiDlContentItem

    passport = placed.lti_1p3_passport.passport_id

    def about(_request: HttpRequest) -> HttpResponse:
        """What the tool's operator must enter."""
        return JsonResponse(
            {
                "issuer": placed.get_lti_consumer().iss,
                "client_id": CLIENT_ID,
                "deployment_id": placed.get_lti_consumer().deployment_id,
                "authorization_url": f"{address}/api/lti_consumer/v1/launch/",
                "token_url": f"{address}/api/lti_consumer/v1/token/{passport}",
                "keyset_url": f"{address}/api/lti_consumer/v1/public_keysets/{passport}",
            }
        )

    def visit(request: HttpRequest) -> HttpResponse:
        """A member (?member=2) opens the link, or, with &pick, the picker."""
        member = int(request.GET["member"])
        placed_item = LtiDlContentItem.objects.filter(lti_configuration=placed).first()
        picks = "pick" in request.GET
        launch = Lti1p3LaunchData(
            user_id=str(member),
            external_user_id=subject(member),
            user_role="instructor" if member == TEACHER else "student",
            name=MEMBERS[member],
            config_id=placed.config_id,
            resource_link_id=BLOCK,
            context_id=COURSE,
            context_type=["course_offering"],
            context_title="Algebra",
            message_type="LtiDeepLinkingRequest" if picks else "LtiResourceLinkRequest",
            deep_linking_content_item_id=placed_item.pk if placed_item and not picks else None,
        )
        return HttpResponseRedirect(placed.get_lti_consumer().prepare_preflight_url(launch))

    def stored(_request: HttpRequest) -> HttpResponse:
        """What the tool brought: scores, grades told to the course, content items."""
        scores = LtiAgsScore.objects.order_by("user_id").values()
        items = [item.attributes for item in LtiDlContentItem.objects.all()]
        return JsonResponse({"scores": list(scores), "published": block.published, "items": items})

    package = include(("lti_consumer.plugin.urls", "lti_consumer"))
    return [path("about", about), path("visit", visit), path("stored", stored), path("api/", package)]


class Server(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    """A thread for each request: the platform fetches the tool's keys while the tool waits for its answer."""

    daemon_threads = True


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


urlpatterns: list[Any] = []  # Django reads the module's own


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--tool", required=True)
    options.add_argument("--directory", type=Path, required=True)
    asked = options.parse_args()
    address = f"http://127.0.0.1:{asked.port}"
    configure(address, asked.directory / "openedx.db")
    from django.core.wsgi import get_wsgi_application

    urlpatterns.extend(pages(address, *place_tool(asked.tool)))
    application = get_wsgi_application()
    wsgiref.simple_server.make_server("127.0.0.1", asked.port, application, Server, Quiet).serve_forever()


if __name__ == "__main__":
    main()
