"""Where and how requests go: what botocore resolved, if the direct sender can do the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.httpsession import get_cert_path
from botocore.useragent import sanitize_user_agent_string_component

from dynrepo.aws import private
from dynrepo.aws.tls import BotocoreTls
from dynrepo.protocol.endpoint import Endpoint, Target
from dynrepo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping


class NotDirect(Exception):
    """Why the direct sender cannot take a client's place."""


def target_of(client: Any, extra_headers: Mapping[str, str]) -> Target:
    """Where and how botocore would send; `NotDirect` where it would do more than send plainly."""
    url, region, service = _endpoint(client)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.path not in ("", "/") or parts.query:
        raise NotDirect("the endpoint is not a plain host")
    if parts.username is not None or not parts.hostname:
        raise NotDirect("the endpoint is not a plain host")
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
        user_agent=_user_agent(client.meta.config),
        extra_headers=extra_headers,
    )


def _endpoint(client: Any) -> tuple[str, str, str]:
    """URL, signing region and signing name, by the rules that botocore asks at each call."""
    signer = private.signer_of(client)
    context: dict[str, Any] = {"auth_type": "v4", "client_config": client.meta.config}
    url, headers = private.endpoint_of(client, context)
    if headers or context["auth_type"] != "v4" or signer.signature_version != "v4":
        raise NotDirect("requests are not signed by Signature Version 4 alone")
    signing = context.get("signing", {})
    region = signing.get("region", signer.region_name)
    return url, region, signing.get("signing_name", signer.signing_name)


def _user_agent(config: Any) -> str:
    """What botocore calls itself; it adds the name of the application at each request."""
    application = getattr(config, "user_agent_appid", None)
    name = sanitize_user_agent_string_component(application or "", allow_hash=False)
    return f"{config.user_agent}{name and f' app/{name}'} lib/dynrepo#{VERSION}"


def _check_configuration(client: Any, url: str) -> None:
    session = private.http_session_of(client)
    if type(session).__module__ != "botocore.httpsession":
        raise NotDirect("botocore's HTTP session is replaced")
    if private.proxy_for(session, url):
        raise NotDirect("there is a proxy")
    if private.verification_of(session) is False:
        raise NotDirect("certificates are not to be verified")
    for option in ("client_cert", "tcp_keepalive"):
        if getattr(client.meta.config, option, None):
            raise NotDirect(f"{option} is configured")


_RESERVED = {"authorization", "connection", "content-length", "host", "transfer-encoding"}


def _check_headers(extra: Mapping[str, str]) -> None:
    for name, value in extra.items():
        text = f"{name}{value}"
        if name.lower() in _RESERVED or not (text.isascii() and text.isprintable()):
            raise NotDirect("extra_headers has a header of the exchange itself")


def _tls(client: Any) -> BotocoreTls:
    try:
        return BotocoreTls(get_cert_path(private.verification_of(private.http_session_of(client))))
    except OSError:
        raise NotDirect("the CA bundle cannot be read") from None
