"""The only way out: every call to another machine goes through `Egress`.

An address that a platform, a registration form or a Link header names may point anywhere. So: https only, the name is
resolved once and the connection goes to exactly that address (no DNS rebinding), public addresses only, no redirects,
limits on time and size (ASVS 5.0 1.3.6, 15.3.2). Bodies of answers are for the caller to parse; no error message here
repeats them.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException
from typing import Any
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError

KILOBYTE = 1024
Resolve = Callable[[str, int], list[str]]


class Unreachable(Exception):
    """A call that got no answer.

    `kind`: 'address' (not allowed), 'name', 'connection', 'certificate', 'time', 'size'.
    """

    def __init__(self, kind: str, detail: str) -> None:
        self.kind = kind
        super().__init__(f"{kind}: {detail}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. Header names are in lower case; several of one name are joined by commas."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    reason: str = field(default="", repr=False)  # Moodle explains itself there; it may hold personal data

    def json(self) -> Any:
        """The body as JSON. Raises ValueError for anything else, also for NaN and for nesting beyond reason."""
        try:
            return json.loads(self.body, parse_constant=_no_constant)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes that one call may take. `total` bounds everything after the name is resolved."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 15.0
    size: int = 256 * KILOBYTE


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes: checked, resolved, pinned."""

    parts: SplitResult
    host: str
    port: int
    address: str


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Egress:
    """Makes calls as the operator allows: `development` permits http and this machine, `private_hosts` names
    exceptions."""

    def __init__(
        self,
        *,
        development: bool = False,
        private_hosts: tuple[str, ...] = (),
        limits: Limits | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        self._development = development
        self._private_hosts = frozenset(name.lower() for name in private_hosts)
        self._limits = limits or Limits()
        self._resolve = resolve

    def get(self, url: str, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> Answer:
        """GET. Raises Unreachable."""
        return self.call("GET", url, headers or {}, None, limits)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], limits: Limits | None = None) -> Answer:
        """POST. Raises Unreachable."""
        return self.call("POST", url, headers, body, limits)

    def check(self, url: str) -> None:
        """Raise Unreachable unless a call to `url` would be allowed; asks the name server, not the host."""
        self._target(url)

    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, limits: Limits | None = None
    ) -> Answer:
        """One request, one answer, no redirects. Raises Unreachable."""
        limits = limits or self._limits
        target = self._target(url)
        connection = self._connection(target, limits)
        with _Deadline(limits.total) as deadline:
            try:
                answer = _exchange(connection, method, target, headers, body, limits, deadline)
            except ssl.SSLCertVerificationError as error:
                raise Unreachable("certificate", error.verify_message) from None
            except (HTTPError, HTTPException, OSError, ValueError) as error:
                kind = "time" if deadline.passed or _timed_out(error) else "connection"
                raise Unreachable(kind, f"{target.host}:{target.port} ({type(error).__name__})") from None
            finally:
                connection.close()
            if deadline.passed:  # a body that ends with the connection looks whole when we closed it ourselves
                raise Unreachable("time", f"{target.host}:{target.port}")
            return answer

    def _target(self, url: str) -> Target:
        parts, host, port = _parse(url)
        named = f"{host}:{port}" in self._private_hosts or (port == 443 and host in self._private_hosts)
        if parts.scheme != "https" and not (named or self._development):
            raise Unreachable("address", "only https is allowed")
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise Unreachable("name", f"{host} is not known") from None
        if not addresses:
            raise Unreachable("name", f"{host} has no address")
        for address in addresses:  # one bad address among good ones is refused too: which one is used must not matter
            if not (named or is_public(address) or (self._development and is_loopback(address))):
                raise Unreachable("address", f"{host} is not a public address")
        return Target(parts, host, port, addresses[0])

    def _connection(self, target: Target, limits: Limits) -> HTTPConnection:
        timeout = urllib3.Timeout(connect=limits.connect, read=limits.read)
        if target.parts.scheme == "http":
            return HTTPConnection(target.address, target.port, timeout=timeout.connect_timeout)
        return HTTPSConnection(
            target.address,
            target.port,
            timeout=timeout.connect_timeout,
            ssl_context=_trust(),
            server_hostname=target.host,
        )


def _timed_out(error: Exception) -> bool:
    if isinstance(error, NewConnectionError):  # urllib3 counts a refused connection among its timeouts
        return False
    return isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError)


@cache
def _trust() -> ssl.SSLContext:
    """The system's certificate authorities; reading them takes a tenth of a second, once in a process."""
    return ssl.create_default_context()


class _Deadline:
    """Closes a socket when the time is up: a peer that sends one byte now and then never meets a read timeout."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self.passed = False

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, sock: socket.socket) -> None:
        with self._guard:
            self._socket = sock
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        with self._guard:
            self.passed = True
            if self._socket is not None:
                with suppress(OSError):  # the peer, or the other thread, closed it in the meantime
                    self._socket.shutdown(socket.SHUT_RDWR)


def _exchange(
    connection: HTTPConnection,
    method: str,
    target: Target,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: Limits,
    deadline: _Deadline,
) -> Answer:
    standard = {443: "https", 80: "http"}.get(target.port) == target.parts.scheme
    name = f"[{target.host}]" if ":" in target.host else target.host
    path = (target.parts.path or "/") + (f"?{target.parts.query}" if target.parts.query else "")
    connection.connect()
    assert connection.sock is not None  # for mypy: connect() either opens it or raises
    connection.sock.settimeout(limits.read)
    deadline.watch(connection.sock)
    connection.request(
        method,
        path,
        body=body,
        headers={
            "Host": name if standard else f"{name}:{target.port}",
            "User-Agent": "Heirloom",
            "Accept-Encoding": "identity",  # nothing to unpack, so no bomb to unpack
            "Connection": "close",
            **headers,
        },
        preload_content=False,
        decode_content=False,
    )
    read = bytearray()
    with closing(connection.getresponse()) as response:
        while piece := response.read(16 * KILOBYTE, decode_content=False):
            read += piece
            if len(read) > limits.size:
                raise Unreachable("size", f"{target.host} sent more than {limits.size // KILOBYTE} KB")
    headers_read = {key.lower(): value for key, value in response.headers.items()}
    return Answer(response.status, headers_read, bytes(read), response.reason or "")


def _parse(url: str) -> tuple[SplitResult, str, int]:
    """Split an address. Raises Unreachable for anything that two parsers could read in two ways."""
    if not url.isascii() or any(sign <= " " or sign in '\\"<>^`{|}\x7f' for sign in url):
        raise Unreachable("address", "it holds signs that no address has")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unreachable("address", "it cannot be read") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or "@" in parts.netloc or "%" in parts.netloc:
        raise Unreachable("address", "it is not a plain web address")
    return parts, parts.hostname.lower().rstrip("."), port or {"https": 443, "http": 80}[parts.scheme]


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet; IPv4 inside IPv6 (mapped, NAT64) is looked at itself."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.sixtofour or ip.teredo:
            return False  # tunnels of the past: nobody runs an LMS behind one
        inner = ip.ipv4_mapped or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
