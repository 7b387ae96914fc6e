"""Where and how requests go: what botocore resolved, as far as the direct sender can do the same.

Private names of botocore are read in this module, in `seams`, `choice` and `stock` only.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.httpsession import get_cert_path

from dynrepo.protocol.endpoint import Endpoint, Target
from dynrepo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping


class Unfit(Exception):
    """Why the direct sender cannot take a client's place."""


def target_of(client: Any, extra_headers: Mapping[str, str]) -> Target:
    """Where and how botocore would send; `Unfit` where it would do more than a plain request."""
    url, region, service = _endpoint(client)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.path not in ("", "/") or parts.query:
        raise Unfit("the endpoint is not a plain host")
    if parts.username is not None or not parts.hostname:
        raise Unfit("the endpoint is not a plain host")
    _check_configuration(client, url)
    _check_headers(extra_headers)
    secure = parts.scheme == "https"
    usual = 443 if secure else 80
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Target(
        endpoint=Endpoint(parts.hostname, parts.port or usual, _tls(client) if secure else None),
        host=host if parts.port in (None, usual) else f"{host}:{parts.port}",
        region=region,
        service=service,
        user_agent=f"{client.meta.config.user_agent} lib/dynrepo#{VERSION}",
        extra_headers=extra_headers,
    )


def _endpoint(client: Any) -> tuple[str, str, str]:
    """URL, signing region and signing name, by the rules that botocore asks at each call."""
    signer = client._request_signer  # noqa: SLF001
    context: dict[str, Any] = {"auth_type": "v4", "client_config": client.meta.config}
    url, headers, _ = client._resolve_endpoint_ruleset(  # noqa: SLF001
        client.meta.service_model.operation_model("GetItem"), {"TableName": "table"}, context
    )
    if headers or context["auth_type"] != "v4" or signer.signature_version != "v4":
        raise Unfit("requests are not signed by Signature Version 4 alone")
    signing = context.get("signing", {})
    region = signing.get("region", signer.region_name)
    return url, region, signing.get("signing_name", signer.signing_name)


def _check_configuration(client: Any, url: str) -> None:
    session = client._endpoint.http_session  # noqa: SLF001
    if type(session).__module__ != "botocore.httpsession":
        raise Unfit("botocore's HTTP session is replaced")
    if session._proxy_config.proxy_url_for(url):  # noqa: SLF001
        raise Unfit("there is a proxy")
    if session._verify is False:  # noqa: SLF001
        raise Unfit("certificates are not to be verified")
    for option in ("client_cert", "tcp_keepalive"):
        if getattr(client.meta.config, option, None):
            raise Unfit(f"{option} is configured")
    if "_make_api_call" in vars(client):
        raise Unfit("the client's _make_api_call is replaced")


_RESERVED = {"authorization", "connection", "content-length", "host", "transfer-encoding"}


def _check_headers(extra: Mapping[str, str]) -> None:
    for name, value in extra.items():
        text = f"{name}{value}"
        if name.lower() in _RESERVED or not (text.isascii() and text.isprintable()):
            raise Unfit("extra_headers has a header of the exchange itself")


def _tls(client: Any) -> ssl.SSLContext:
    bundle = get_cert_path(client._endpoint.http_session._verify)  # noqa: SLF001
    try:
        context = ssl.create_default_context(cafile=bundle)
    except OSError:
        raise Unfit("the CA bundle cannot be read") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
