"""The only way out: where it goes, how long it waits, how much it reads."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from lti_tool import egress
from lti_tool.egress import Answer, Egress, Limits, Unreachable, is_loopback, is_public
from tests.lms import Lms, Reply, private_key

SHORT = Limits(connect=0.5, read=0.3, total=0.8, size=10_000)

NOT_PUBLIC = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # metadata of clouds
    "100.64.0.1",  # carriers
    "100.100.100.200",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:53aa:64c:0:7c2f:80ff:fffe",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(Unreachable, match="address"):
        Egress(resolve=lambda *_: [address]).check("https://lms.example/jwks")


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)
    Egress(resolve=lambda *_: [address]).check("https://lms.example/jwks")


def test_one_bad_address_among_good_ones_is_refused() -> None:
    with pytest.raises(Unreachable, match="not a public address"):
        Egress(resolve=lambda *_: ["8.8.8.8", "10.0.0.1"]).check("https://lms.example/")


@pytest.mark.parametrize(
    "url",
    [
        "http://lms.example/",
        "file:///etc/passwd",
        "ftp://lms.example/",
        "gopher://lms.example/",
        "data:text/html,x",
        "https://",
        "https:///path",
        "//lms.example/",
        "lms.example",
        "https://user@lms.example/",
        "https://user:password@lms.example/",
        "https://lms.example\\@evil.example/",
        "https://lms.example/a b",
        "https://lms.example/\r\nX: y",
        "https://lms.example:99999/",
        "https://lms.example:abc/",
        "https://lms。example/",
        "https://ⓛms.example/",
        "https://[::1/",
        "https://%31%32%37.0.0.1/",
        "",
    ],
)
def test_addresses_that_are_refused_before_a_name_is_looked_up(url: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError("looked up")

    with pytest.raises(Unreachable) as refused:
        Egress(resolve=resolve).get(url)
    assert refused.value.kind == "address"


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_other_spellings_of_this_machine(host: str) -> None:
    with pytest.raises(Unreachable) as refused:
        Egress().get(f"https://{host}/")
    assert refused.value.kind in ("address", "name")


def test_loopback_in_development_and_private_hosts(lms: Lms) -> None:
    with pytest.raises(Unreachable):
        Egress().get(f"{lms.url}/jwks")
    assert Egress(development=True).get(f"{lms.url}/jwks").status == 200
    port = lms.url.rpartition(":")[2]
    assert Egress(private_hosts=(f"127.0.0.1:{port}",)).get(f"{lms.url}/jwks").status == 200
    for other in ("127.0.0.1", f"127.0.0.2:{port}", f"127.0.0.1:{int(port) + 1}"):
        with pytest.raises(Unreachable):
            Egress(private_hosts=(other,)).get(f"{lms.url}/jwks")
    with pytest.raises(Unreachable):  # development opens this machine, not the whole private network
        Egress(development=True, resolve=lambda *_: ["10.0.0.1"]).check("http://intranet.example/")
    assert is_loopback("127.9.9.9")
    assert is_loopback("::1")


def test_name_is_resolved_once_and_the_address_is_pinned(lms: Lms) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers.pop(0)

    port = lms.url.rpartition(":")[2]
    way = Egress(private_hosts=(f"lms.example:{port}",), resolve=resolve)
    assert way.get(f"http://LMS.example:{port}/jwks?x=1").status == 200
    assert asked == ["lms.example"]
    assert lms.seen[0].headers["host"] == f"lms.example:{port}"
    assert lms.seen[0].query == {"x": ["1"]}


def test_answer_is_given_whatever_its_status(lms: Lms) -> None:
    lms.replies["/x"] = Reply(status=302, headers={"Location": f"{lms.url}/jwks", "X-A": "1"}, body=b"moved")
    answer = Egress(development=True).get(f"{lms.url}/x")
    assert (answer.status, answer.headers["x-a"], answer.body) == (302, "1", b"moved")
    assert [seen.path for seen in lms.seen] == ["/x"]


def test_post_sends_the_bytes_as_they_are(lms: Lms) -> None:
    lms.replies["/x"] = Reply()
    Egress(development=True).post(f"{lms.url}/x", b'{"a": 1}', {"Content-Type": "application/x-test"})
    assert lms.seen[0].body == b'{"a": 1}'
    assert lms.seen[0].headers["content-type"] == "application/x-test"
    assert lms.seen[0].headers["accept-encoding"] == "identity"


@contextmanager
def raw_server(*pieces: bytes, pause: float = 0.0, accept: bool = True) -> Iterator[str]:
    """A server that sends these bytes, slowly if asked, and then keeps the connection open."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                peer.recv(65536)
                for piece in pieces:
                    try:
                        peer.sendall(piece)
                    except OSError:
                        break
                    if over.wait(pause):
                        return
                over.wait(5)

    thread = threading.Thread(target=serve, daemon=True)
    if accept:
        thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    over.set()
    listener.close()


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("pieces", "pause"),
    [
        ((), 0.0),  # says nothing
        ((HEAD,), 0.0),  # stops in the headers
        ((HEAD + b"Content-Length: 100\r\n\r\nabc",), 0.0),  # stops in the body
        ((HEAD, *[b"X-A: b\r\n"] * 50), 0.1),  # headers for ever
        ((HEAD + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 50), 0.1),  # a byte now and then
        ((HEAD + b"Connection: close\r\n\r\n", *[b"x"] * 50), 0.1),  # ... which would look whole when cut
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 50), 0.1),
    ],
)
def test_slow_peers_are_given_up(pieces: tuple[bytes, ...], pause: float) -> None:
    with raw_server(*pieces, pause=pause) as url:
        before = time.monotonic()
        with pytest.raises(Unreachable) as slow:
            Egress(development=True, limits=SHORT).get(url)
        assert slow.value.kind == "time"
        assert time.monotonic() - before < 3  # the limit of this test is 0.8 s; the machine may be busy


@pytest.mark.parametrize(
    "piece",
    [
        HEAD + b"Content-Length: 20000\r\n\r\n" + b"x" * 20_000,
        HEAD + b"Connection: close\r\n\r\n" + b"x" * 20_000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"4E20\r\n" + b"x" * 20_000 + b"\r\n0\r\n\r\n",
    ],
)
def test_large_answers_are_cut_off(piece: bytes) -> None:
    with raw_server(piece) as url, pytest.raises(Unreachable) as large:
        Egress(development=True, limits=SHORT).get(url)
    assert large.value.kind == "size"


@pytest.mark.parametrize(
    "piece", [b"garbage\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x16\x03\x01", HEAD + b"Content-Length: x\r\n\r\n"]
)
def test_what_is_no_http(piece: bytes) -> None:
    with raw_server(piece) as url, pytest.raises(Unreachable):
        Egress(development=True, limits=SHORT).get(url)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable) as refused:
        Egress(development=True, limits=SHORT).get(f"http://127.0.0.1:{port}/")
    assert refused.value.kind == "connection"


def test_unknown_name() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "unknown")

    with pytest.raises(Unreachable) as unknown:
        Egress(resolve=resolve).get("https://nowhere.invalid/")
    assert unknown.value.kind == "name"


def certificate(folder: Path, host: str) -> Path:
    """A self-signed certificate for a host, with its key."""
    key = private_key("tls")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"{host}.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + pem)
    return path


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A server with a certificate for lms.example."""

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server looks for
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.headers["Host"].encode())

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    path = certificate(tmp_path, "lms.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = HTTPServer(("127.0.0.1", 0), Hello)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # handshakes that fail are what the test is about
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield path, server.server_port
    server.shutdown()
    server.server_close()


def get(host: str, port: int) -> Answer:
    way = Egress(private_hosts=(f"{host}:{port}",), resolve=lambda *_: ["127.0.0.1"], limits=SHORT)
    return way.get(f"https://{host}:{port}/")


def test_certificates_are_verified(tls: tuple[Path, int]) -> None:
    with pytest.raises(Unreachable) as unknown:
        get("lms.example", tls[1])
    assert unknown.value.kind == "certificate"


def test_certificate_must_name_the_host_although_the_address_is_pinned(
    tls: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, port = tls
    monkeypatch.setattr(egress, "_trust", lambda: ssl.create_default_context(cafile=str(path)))
    assert get("lms.example", port).body == f"lms.example:{port}".encode()
    with pytest.raises(Unreachable) as wrong:
        get("other.example", port)
    assert wrong.value.kind == "certificate"


@pytest.mark.parametrize("body", [b"NaN", b'{"a": Infinity}', b"[" * 100_000, b"", b"\xff", b"{"])
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - several messages of the standard library
        Answer(200, {}, body).json()


def test_errors_and_answers_do_not_show_bodies(lms: Lms) -> None:
    lms.replies["/x"] = Reply(body=b"secret-of-the-lms" * 1000)
    with pytest.raises(Unreachable) as large:
        Egress(development=True, limits=SHORT).get(f"{lms.url}/x")
    assert "secret-of-the-lms" not in str(large.value)
    assert "secret" not in repr(Answer(200, {}, b"secret", "secret"))
