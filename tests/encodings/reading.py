"""Who reads what is stored: pydantic-core alone, or a function of Python for each value."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, create_model

from dynrepo import PartitionKey, schema_of

if TYPE_CHECKING:
    from types import CodeType, FrameType

CORE, PYTHON = "pydantic-core", "a Python function a value"


def read_by(annotation: Any, stored: Any) -> str:
    """Who reads what is stored for a field of a type, in an answer of many items."""
    more = _called(annotation, stored) - _called(str | None, {"S": "a"})
    return PYTHON if more else CORE


def _called(annotation: Any, stored: Any) -> set[CodeType]:
    """The functions of Python that are called to read one item with a field."""
    config = ConfigDict(arbitrary_types_allowed=True)
    key: Any = (Annotated[str, PartitionKey()], ...)
    model = create_model("Sample", __config__=config, id=key, field=(annotation, ...))
    parse = schema_of(model).parse("Items")
    assert parse is not None
    body = json.dumps({"Items": [{"id": {"S": "a"}, "field": stored}]}).encode()
    parse(body)
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            called.add(frame.f_code)

    sys.setprofile(note)
    try:
        answer = parse(body)
    finally:
        sys.setprofile(None)
    assert answer is not None
    assert answer[1]
    return called
