"""What botocore trusts is trusted, on every Python, and nothing else."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.httpsession import create_urllib3_context
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dynrepo.aws.tls import BotocoreTls
from dynrepo.protocol.secured import TlsLayer
from tests.loopback import Loopback
from tests.wire import KEY, Connect, send

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


def issued(folder: Path, *names: x509.GeneralName, common: str = "x") -> tuple[Path, Path]:
    """The bundle of a private authority, and what a server of its shows: certificate and key.

    None of the two has key usages or key identifiers, as many that were made by hand.
    """
    authority, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ours = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a private authority")])
    root = _builder(ours, ours, authority.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=False
    )
    theirs = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    leaf = _builder(theirs, ours, server.public_key())
    if names:
        leaf = leaf.add_extension(x509.SubjectAlternativeName(names), critical=False)
    bundle, shown = folder / "bundle.pem", folder / "server.pem"
    bundle.write_bytes(_pem(root.sign(authority, hashes.SHA256())))
    key = server.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    shown.write_bytes(_pem(leaf.sign(authority, hashes.SHA256())) + key)
    return bundle, shown


def _builder(subject: x509.Name, issuer: x509.Name, key: Any) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=1),
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def serving(shown: Path) -> ssl.SSLContext:
    """What a server with such a certificate speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    return context


def strict_context(*args: Any, **kwargs: Any) -> ssl.SSLContext:
    """Python's own context, as it is from 3.13 on."""
    context = _default_context(*args, **kwargs)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


_default_context = ssl.create_default_context


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "ca_bundle"])
def test_a_private_authority(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Both senders reach its servers, on a Python that is strict by itself, too."""
    bundle, shown = issued(tmp_path, x509.DNSName("localhost"))
    monkeypatch.setattr(ssl, "create_default_context", strict_context)
    if variable == "ca_bundle":
        (tmp_path / "config").write_text(f"[default]\nca_bundle = {bundle}\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    else:
        monkeypatch.setenv(variable, str(bundle))
    with Loopback(tls=serving(shown)) as server:
        assert send(connect(server.url), "GetItem", KEY).body.keys() == {"ConsumedCapacity"}


def test_the_context_is_that_of_botocore(tmp_path: Path) -> None:
    """Its flags and ciphers, whatever Python's own has."""
    ours, theirs = BotocoreTls(issued(tmp_path)[0]).context, create_urllib3_context()
    assert ours.verify_flags == theirs.verify_flags
    assert ours.options == theirs.options
    assert ours.get_ciphers() == theirs.get_ciphers()
    assert ours.verify_mode is ssl.CERT_REQUIRED
    assert ours.minimum_version >= ssl.TLSVersion.TLSv1_2


def over_a_socket(trust: BotocoreTls, connection: socket.socket, host: str) -> None:
    """Shakes hands as the blocking face does."""
    trust.wrap_socket(connection, server_hostname=host, suppress_ragged_eofs=False).close()


def over_bytes(trust: BotocoreTls, connection: socket.socket, host: str) -> None:
    """Shakes hands as the asynchronous face does."""
    layer = TlsLayer(trust, host)
    done = layer.shakes_hands()
    while not done:
        connection.sendall(layer.sealed())
        done = layer.shakes_hands(connection.recv(65536))
    connection.sendall(layer.sealed())


@pytest.fixture(params=[over_a_socket, over_bytes])
def secured(request: pytest.FixtureRequest) -> Any:
    """Connects to a server as to a host of a name, in either way."""

    def connect(bundle: Path, server: Loopback, host: str) -> None:
        with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
            request.param(BotocoreTls(bundle), connection, host)

    return connect


@pytest.mark.parametrize(
    ("host", "names", "common"),
    [
        ("db.internal", [x509.DNSName("*.internal")], "x"),
        ("db.internal.", [x509.DNSName("db.internal")], "x"),
        ("db.internal", [], "db.internal"),
        ("127.0.0.1", [LOCAL], "x"),
    ],
    ids=["wildcard", "root", "common name", "address"],
)
def test_a_host_that_botocore_takes(
    tmp_path: Path, secured: Any, host: str, names: list[x509.GeneralName], common: str
) -> None:
    """By urllib3's comparison, and not by the stricter one of OpenSSL."""
    bundle, shown = issued(tmp_path, *names, common=common)
    with Loopback(tls=serving(shown)) as server:
        secured(bundle, server, host)


@pytest.mark.parametrize(
    ("host", "names", "common"),
    [
        ("db.internal", [x509.DNSName("other.internal")], "db.internal"),
        ("a.db.internal", [x509.DNSName("*.internal")], "x"),
        ("db.internal", [], "other.internal"),
        ("127.0.0.1", [x509.DNSName("127.0.0.1")], "127.0.0.1"),
        ("127.0.0.2", [LOCAL], "x"),
    ],
    ids=["name", "depth", "common name", "name of an address", "address"],
)
def test_a_host_that_is_another(
    tmp_path: Path, secured: Any, host: str, names: list[x509.GeneralName], common: str
) -> None:
    """The connection is not used."""
    bundle, shown = issued(tmp_path, *names, common=common)
    with (
        Loopback(tls=serving(shown)) as server,
        pytest.raises(ssl.SSLCertVerificationError, match="another host"),
    ):
        secured(bundle, server, host)


def test_a_bundle_that_cannot_be_read(tmp_path: Path) -> None:
    """It is no bundle without authorities."""
    with pytest.raises(FileNotFoundError):
        BotocoreTls(tmp_path / "none.pem")
