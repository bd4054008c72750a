"""What comes back over a wire is the answer to what was asked, or nothing."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import wire
from bot.channels.wire import Wire
from bot.errors import Unreachable

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
SECONDS = 5.0


class Server:
    """Answers each request with the next of some bytes; `None` hangs up."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.url = ""

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.partition(b"Content-Length: ")[2].split()[0])
                self.requests.append(head + await reader.readexactly(length))
                self.asked.set()
                answer = self.answers.pop(0) if self.answers else OK
                if answer is None:
                    break
                for part in answer.removesuffix(b"|end|").split(b"|cut|"):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
                if answer.endswith(b"|end|"):
                    break
        except asyncio.IncompleteReadError:
            pass  # the other end hung up
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    *answers: bytes | None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    server = Server(*answers)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    name = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    server.url = f"{name}/base"
    try:
        yield server
    finally:
        listening.close()


@asynccontextmanager
async def wired(url: str, at_once: int = 8, **more) -> AsyncIterator[Wire]:
    line = Wire(url, at_once, **more)
    try:
        yield line
    finally:
        line.close()


async def test_what_is_posted_arrives_whole():
    async with serving() as server, wired(server.url) as line:
        assert await line.post("/bot1:x/getMe", b'{"a":1}', SECONDS) == (200, b"{}")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /bot1:x/getMe HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Content-Type: application/json" in head
    assert body == b'{"a":1}'


async def test_a_connection_serves_one_call_after_the_other():
    async with serving() as server, wired(server.url) as line:
        for _ in range(5):
            await line.post("/", b"{}", SECONDS)
        assert server.connections == 1


async def test_no_more_calls_are_under_way_than_allowed():
    async with serving() as server, wired(server.url, at_once=2) as line:
        await asyncio.gather(*(line.post("/", b"{}", SECONDS) for _ in range(9)))
        assert server.connections <= 2
        assert len(server.requests) == 9


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n|cut|ab|cut|cde",
        b"HTTP/1.1 2|cut|00 OK\r\ncontent-LENGTH:5\r\n\r|cut|\nabcde",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n|cut|2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n",
    ],
)
async def test_an_answer_in_pieces_is_put_together(answer):
    async with serving(answer, OK) as server, wired(server.url) as line:
        assert await line.post("/", b"{}", SECONDS) == (200, b"abcde")
        assert await line.post("/", b"{}", SECONDS) == (200, b"{}")
        assert server.connections == 1


@given(
    body=st.binary(max_size=200),
    sizes=st.lists(st.integers(1, 60), max_size=6),
    cut=st.integers(0, 400),
)
def test_any_body_in_any_chunks_comes_back_once_it_is_whole(body, sizes, cut):
    coded, rest = b"", body
    for size in [*sizes, max(1, len(body))]:
        part, rest = rest[:size], rest[size:]
        if part:
            coded += b"%x\r\n%s\r\n" % (len(part), part)
    coded += b"0\r\n\r\n"
    assert wire._unchunked(bytearray(coded), 0) == (body, len(coded))
    if cut < len(coded):
        assert wire._unchunked(bytearray(coded[:cut]), 0) is None


async def test_a_body_without_a_length_ends_with_the_connection():
    async with (
        serving(b"HTTP/1.1 502 Bad\r\n\r\n<html>|cut||end|") as server,
        wired(server.url) as line,
    ):
        status, body = await line.post("/", b"{}", SECONDS)
        assert status == 502
        assert body.startswith(b"<html>")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 huh\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf|end|",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf|end|",
    ],
)
async def test_half_an_answer_is_none_and_the_call_may_have_arrived(answer):
    async with serving(answer) as server, wired(server.url) as line:
        with pytest.raises(Unreachable) as fault:
            await line.post("/", b"{}", SECONDS)
        assert fault.value.may_have_arrived
        assert await line.post("/", b"{}", SECONDS) == (200, b"{}")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfor me",
    ],
)
async def test_a_connection_that_may_not_be_used_again_is_left(answer):
    """Neither one that is about to close, nor one that says more than was asked."""
    async with serving(answer, OK) as server, wired(server.url) as line:
        await line.post("/", b"{}", SECONDS)
        assert await line.post("/", b"{}", SECONDS) == (200, b"{}")
        assert server.connections == 2


async def test_an_answer_too_late_is_nobodys():
    async with serving(b"", OK) as server, wired(server.url) as line:
        with pytest.raises(Unreachable, match="in time"):
            await line.post("/", b"{}", 0.01)
        assert await line.post("/", b"{}", SECONDS) == (200, b"{}")
        assert server.connections == 2


async def test_a_call_given_up_leaves_its_answer_to_nobody():
    async with serving(b"", OK) as server, wired(server.url) as line:
        call = asyncio.create_task(line.post("/", b"{}", SECONDS))
        await server.asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await line.post("/", b"{}", SECONDS) == (200, b"{}")
        assert server.connections == 2


async def test_nobody_there_means_that_nothing_arrived():
    async with serving() as server:
        url = server.url
    async with wired(url) as line:
        with pytest.raises(Unreachable) as fault:
            await line.post("/", b"{}", SECONDS)
        assert not fault.value.may_have_arrived


async def test_a_certificate_is_checked(tmp_path):
    """A stranger's is refused before a word is said; a trusted one is not."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(file)
    async with serving(tls=own) as server:
        async with wired(server.url) as stranger:
            with pytest.raises(Unreachable) as fault:
                await stranger.post("/", b"{}", SECONDS)
            assert not fault.value.may_have_arrived
            assert not server.requests
        trusting = ssl.create_default_context(cafile=str(file))
        async with wired(server.url, tls=trusting) as friend:
            assert await friend.post("/", b"{}", SECONDS) == (200, b"{}")
