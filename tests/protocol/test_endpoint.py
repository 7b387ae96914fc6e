"""Where requests go is a value: equal where all of it is, and plain HTTP where nothing is said."""

from __future__ import annotations

import ssl

from dynrepo.protocol.endpoint import Endpoint, Target, Timeouts


def test_an_endpoint_without_a_context_is_plain() -> None:
    """TLS is said, never guessed."""
    assert Endpoint("localhost", 8000).tls is None
    context = ssl.create_default_context()
    assert Endpoint("localhost", 443, context).tls is context


def test_a_target_names_where_and_how() -> None:
    """Two of one endpoint are equal."""
    made = [Target(Endpoint("h", 80), "h", "eu-west-1", "dynamodb", "tests", {}) for _ in range(2)]
    assert made[0] == made[1]
    assert Timeouts(connect=1, read=3) == (1, 3)
