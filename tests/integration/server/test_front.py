"""The shipped configuration of nginx in front of the real server: TLS and limits.

Where a machine has no nginx these tests say so and are skipped.
"""

import datetime
import http.client
import ipaddress
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.server.conftest import ROOT, Served

pytestmark = pytest.mark.slow
SHIPPED = ROOT / "deploy" / "nginx" / "trialwright.conf"


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Front:
    """nginx with the shipped file, its names and ports changed alone."""

    def __init__(self, served: Served, folder: Path) -> None:
        _certificate(folder)
        self.port, self.plain = _free(), _free()
        text = SHIPPED.read_text()
        for shipped, here in (
            ("listen 80;", f"listen 127.0.0.1:{self.plain};"),
            ("listen [::]:80;", ""),
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("listen [::]:443 ssl;", ""),
            ("server_name trial.example.org;", "server_name localhost;"),
            ("127.0.0.1:8000", f"127.0.0.1:{served.port}"),
            ("/etc/trialwright/tls", str(folder)),
            ("/var/log/nginx/trialwright.log", str(folder / "log")),
        ):
            assert shipped in text
            text = text.replace(shipped, here)
        conf = folder / "nginx.conf"
        conf.write_text(
            f"pid {folder}/pid; error_log {folder}/errors; daemon off;\n"
            "events {}\nhttp {\n" + text + "\n}\n"
        )
        self.folder = folder
        self.process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(conf)])

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> http.client.HTTPResponse:
        trusted = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        one = http.client.HTTPSConnection("localhost", self.port, context=trusted, timeout=30)
        one.request(method, path, body or None, {"Host": "localhost", **headers})
        return one.getresponse()


@pytest.fixture
def front(served: Served, tmp_path: Path) -> Iterator[Front]:
    if shutil.which("nginx") is None:
        pytest.skip("NO NGINX: this machine has none, so the shipped configuration is not tried")
    tmp_path.chmod(0o755)
    front = Front(served, tmp_path)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            front.ask("GET", "/health")
            break
        except OSError:
            time.sleep(0.2)
    yield front
    front.process.terminate()
    front.process.wait(20)


def test_pages_come_over_tls_and_the_plain_port_leads_there(front: Front) -> None:
    answer = front.ask("GET", "/sign-in")
    assert answer.status == 200 and b"Trialwright" in answer.read()
    plain = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=30)
    plain.request("GET", "/sign-in", headers={"Host": "localhost"})
    led = plain.getresponse()
    assert led.status == 308 and led.headers["Location"].startswith("https://localhost")


def test_what_is_too_long_or_too_often_ends_at_the_front(front: Front) -> None:
    assert front.ask("POST", "/sign-in", b"x" * 3_000_000).status == 413
    said = [front.ask("GET", "/sign-in").status for _ in range(15)]
    assert said[0] == 200 and said[-1] == 429


def test_metrics_stay_inside_and_the_log_has_no_query(front: Front) -> None:
    assert front.ask("GET", "/metrics").status == 404
    front.ask("GET", "/trials?q=a-name-typed-here")
    log = (front.folder / "log").read_text()
    assert "/trials" in log and "a-name-typed-here" not in log
