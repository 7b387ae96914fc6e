"""TLS as botocore speaks it: its context, its trust, and its way to compare names."""

from __future__ import annotations

import ssl
from inspect import signature
from typing import Any

from botocore.httpsession import create_urllib3_context
from urllib3.util.ssl_match_hostname import CertificateError, match_hostname

# Before urllib3 2 a common name always counted where a certificate names no host; as botocore asks
# for it, it still does.
_COMMON_NAME_COUNTS = (True,) if len(signature(match_hostname).parameters) > 2 else ()  # noqa: PLR2004


class BotocoreTls:
    """Makes connections secure, with the authorities of a bundle; OSError if it cannot be read.

    Python's own contexts are stricter from 3.13 on: they refuse private authorities that lack key
    identifiers, with which botocore reaches its endpoints. No less than TLS 1.2 is spoken.
    """

    def __init__(self, bundle: Any) -> None:
        self.context: ssl.SSLContext = create_urllib3_context()
        self.context.load_verify_locations(bundle)
        self.context.minimum_version = max(self.context.minimum_version, ssl.TLSVersion.TLSv1_2)
        self.context.set_alpn_protocols(["http/1.1"])
        self.context.sslobject_class = _ProvenObject

    def wrap_socket(
        self, sock: Any, *, server_hostname: str, suppress_ragged_eofs: bool
    ) -> ssl.SSLSocket:
        """A secure connection to the host; `SSLCertVerificationError` for any other one."""
        host = _plain(server_hostname)
        secured = self.context.wrap_socket(
            sock, server_hostname=host, suppress_ragged_eofs=suppress_ragged_eofs
        )
        try:
            _check(secured, host)
        except BaseException:
            secured.close()
            raise
        return secured

    def wrap_bio(
        self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *, server_hostname: str
    ) -> ssl.SSLObject:
        """The same over bytes in memory; the error is raised by the handshake."""
        return self.context.wrap_bio(incoming, outgoing, server_hostname=_plain(server_hostname))


class _ProvenObject(ssl.SSLObject):
    """TLS over bytes in memory, whose handshake compares the names, too."""

    def do_handshake(self) -> None:
        super().do_handshake()
        _check(self, self.server_hostname)


def _plain(host: str) -> str:
    """A host without a zone, and without the root."""
    return host.partition("%")[0].rstrip(".")


def _check(secured: ssl.SSLSocket | ssl.SSLObject, host: str | None) -> None:
    certificate: Any = secured.getpeercert()
    try:
        match_hostname(certificate, host or "", *_COMMON_NAME_COUNTS)
    except CertificateError as error:
        raise ssl.SSLCertVerificationError("the certificate is another host's") from error
