"""Who may launch us, and everything that a launch needs: registrations, platforms, keys, states, sessions, tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Base, Id, Instant, Key, LtiId, Words


class Registration(Base):
    """What an LMS administrator and our operator agreed on: issuer, client and endpoints."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("issuer", "client_id"),
        CheckConstraint("status IN ('pending', 'active', 'disabled')", "status_known"),
    )
    id: Mapped[Id]
    public_id: Mapped[Key] = mapped_column(unique=True)  # names the registration in our URLs
    name: Mapped[Words]
    issuer: Mapped[LtiId]
    client_id: Mapped[LtiId]
    authorization_url: Mapped[Words]
    token_url: Mapped[Words]
    token_audience: Mapped[Words | None]  # `aud` of our token requests where it is not the token URL
    keyset_url: Mapped[Words]
    status: Mapped[Key]
    origin: Mapped[Key]  # 'manual' or 'dynamic'
    product_family: Mapped[Words | None]  # tool_platform.product_family_code, newest seen
    frame_origins: Mapped[list[str]]  # origins that the operator allows to frame us
    created_at: Mapped[Instant]
    # One request at a time goes to a registration's services: the worker that holds the lease sends.
    service_lease_until: Mapped[datetime | None]
    service_lease_owner: Mapped[Key | None]
    service_paused_until: Mapped[datetime | None]  # Retry-After or the circuit breaker
    service_failures: Mapped[int] = mapped_column(default=0)  # in a row


class Platform(Base):
    """A tenant: one deployment of one registration (issuer + client + deployment)."""

    __tablename__ = "platform"
    __table_args__ = (
        UniqueConstraint("registration_id", "deployment_id"),
        CheckConstraint("status IN ('pending', 'active', 'disabled')", "status_known"),
    )
    id: Mapped[Id]
    public_id: Mapped[Key] = mapped_column(unique=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[LtiId]
    status: Mapped[Key]
    frame_origins: Mapped[list[str]]  # learned from signed return URLs of this deployment
    allow_anonymous: Mapped[bool] = mapped_column(
        default=False
    )  # accept launches without `sub`: read only, never graded
    first_seen_at: Mapped[Instant]


class ToolKey(Base):
    """A signing key of ours for one registration. The private half is encrypted; a kid is never used again."""

    __tablename__ = "tool_key"
    __table_args__ = (
        CheckConstraint("status IN ('next', 'current', 'retired')", "status_known"),
        Index(None, "registration_id", "status"),
    )
    id: Mapped[Id]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    kid: Mapped[Key] = mapped_column(unique=True)
    private_key: Mapped[Words]  # PEM, encrypted with the newest secret key
    public_jwk: Mapped[dict[str, Any]]
    status: Mapped[Key]
    created_at: Mapped[Instant]
    current_from: Mapped[datetime | None]  # a 'next' key is published before it signs
    published_until: Mapped[datetime | None]  # a 'retired' key stays in the JWKS for an overlap


class KeySet(Base):
    """A platform's public keys as last read, shared by all our processes."""

    __tablename__ = "key_set"
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    body: Mapped[dict[str, Any] | None]  # the last good answer
    fetched_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]  # the last try, good or not: unknown kids do not make us fetch again at once
    fetching_until: Mapped[datetime | None]  # one process fetches, the others wait for it until then


class LaunchState(Base):
    """One third-party initiated login, from our redirect to the launch that consumes it once."""

    __tablename__ = "launch_state"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'used', 'refused')", "status_known"),
        Index(None, "created_at"),
    )
    id: Mapped[Id]
    state_hash: Mapped[Key] = mapped_column(unique=True)
    nonce_hash: Mapped[Key]
    binding_hash: Mapped[Key]  # of the value kept in this login's own cookie
    storage_hash: Mapped[Key | None]  # of the value kept in the platform's storage, where it offers one
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_hint: Mapped[LtiId | None]
    storage_target: Mapped[Words | None]  # lti_storage_target, where the platform offers storage
    status: Mapped[Key]
    created_at: Mapped[Instant]


class LaunchSession(Base):
    """What a verified launch gave: who, where, as what. The token and the one-time code exist here only as hashes."""

    __tablename__ = "launch_session"
    __table_args__ = (
        CheckConstraint("status IN ('unbound', 'coded', 'open', 'ended')", "status_known"),
        CheckConstraint("role IN ('student', 'teacher', 'observer')", "role_known"),
        Index(None, "person_id", "course_id"),
        Index(None, "created_at"),
    )
    id: Mapped[Id]
    code_hash: Mapped[Key | None] = mapped_column(unique=True)
    code_until: Mapped[datetime | None]
    token_hash: Mapped[Key | None] = mapped_column(unique=True)
    status: Mapped[Key]
    launch_state_id: Mapped[int | None] = mapped_column(ForeignKey("launch_state.id", ondelete="SET NULL"))
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    resource_link_id: Mapped[int | None] = mapped_column(ForeignKey("resource_link.id"))
    role: Mapped[Key]
    deep_linking: Mapped[dict[str, Any] | None]  # the request's deep_linking_settings; None in a resource link launch
    locale: Mapped[Key | None]
    parent_origin: Mapped[Words]  # the page that frames us: where lti.frameResize may be posted
    created_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    expires_at: Mapped[Instant]  # absolute


class AccessToken(Base):
    """A service token of ours at a platform; never shared between clients or deployments."""

    __tablename__ = "access_token"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id", "scopes"),)
    id: Mapped[Id]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[LtiId]
    scopes: Mapped[Words]  # sorted, separated by spaces
    token: Mapped[Words]  # encrypted
    expires_at: Mapped[Instant]


class Chore(Base):
    """Recurring housekeeping, a due row like all later work."""

    __tablename__ = "chore"
    name: Mapped[Key] = mapped_column(primary_key=True)
    due_at: Mapped[Instant]
    lease_until: Mapped[datetime | None]
