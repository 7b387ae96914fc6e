"""Which libraries are compared, and what each needs.

A library that is not installed, or does not work, is left out. `python -m
tests.benchmarks.libraries LIBRARY URL` is the process of one.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks import async_peers as awaited
from tests.benchmarks import peers as blocking
from tests.benchmarks.async_peers import one_at_a_time
from tests.benchmarks.race import measure

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.peers import Peer

PEERS: dict[str, tuple[str, Callable[[str], Peer]]] = {
    "boto3 client, raw dicts": ("boto3", blocking.boto3_raw),
    "boto3 + serializers + Pydantic": ("boto3", blocking.boto3_pydantic),
    "PynamoDB Model": ("pynamodb", blocking.pynamodb_model),
    "dyntastic": ("dyntastic", blocking.dyntastic_peer),
    "aiobotocore + serializers + Pydantic": (
        "aiobotocore",
        partial(one_at_a_time, awaited.aiobotocore),
    ),
    "aiodynamo + Pydantic": ("aiodynamo", partial(one_at_a_time, awaited.aiodynamo)),
    "pydynox (Rust core)": ("pydynox", blocking.pydynox_peer),
    "pydynox, async": ("pydynox", partial(one_at_a_time, awaited.pydynox)),
    "dynamoxy (Rust core), async": ("dynamoxy", partial(one_at_a_time, awaited.dynamoxy)),
    "dynrepo, botocore's sender": (
        "dynrepo",
        partial(blocking.dynrepo_peer, transport="botocore"),
    ),
    "dynrepo": ("dynrepo", blocking.dynrepo_peer),
    "dynrepo, async": ("dynrepo", partial(one_at_a_time, awaited.dynrepo)),
}


def is_there(name: str, module: str) -> bool:
    """Whether a library is installed; says so where it is not."""
    if importlib.util.find_spec(module) is not None:
        return True
    print(f"{name}: not installed", file=sys.stderr)
    return False


def working(name: str, make: Callable[[], Peer]) -> Peer:
    """The operations of a library that work; each has run once."""
    try:
        peer = make()
    except Exception as error:  # noqa: BLE001 - another library's fault is no reason to stop
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        return {}
    return {
        operation: function
        for operation, function in peer.items()
        if _works(name, operation, function)
    }


def _works(name: str, operation: str, function: Callable[[int], object]) -> bool:
    with contextlib.suppress(Exception):
        function(1)
        return True
    print(f"{name}: {operation} does not work", file=sys.stderr)
    return False


def peer_at(name: str, url: str) -> Peer:
    """A library that is ready to send to a server; none of its operations where it is missing."""
    module, make = PEERS[name]
    return working(name, partial(make, url)) if is_there(name, module) else {}


if __name__ == "__main__":
    measure(peer_at(*sys.argv[1:]))
