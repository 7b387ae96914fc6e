"""The types that the members of DynamoDB's answers have, as far as they are looked at.

What is in an item is for its codec to read, and not looked at here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator, core_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import CoreSchema


def is_shaped(operation_name: str, body: Mapping[str, Any]) -> bool:
    """Whether the members of an answer that are read have the types that they have."""
    shape = _SHAPES.get(operation_name)
    return shape is None or shape.isinstance_python(body)


def _object(*, required: Mapping[str, CoreSchema] | None = None, **members: Any) -> CoreSchema:
    fields = {name: core_schema.typed_dict_field(kind) for name, kind in (required or {}).items()}
    for name, kind in members.items():
        fields[name] = core_schema.typed_dict_field(kind, required=False)
    return core_schema.typed_dict_schema(fields, extra_behavior="ignore", strict=True)


def _by_name(values: CoreSchema, least: int = 0, most: int | None = None) -> CoreSchema:
    return core_schema.dict_schema(_TEXT, values, min_length=least, max_length=most, strict=True)


def _list(values: CoreSchema) -> CoreSchema:
    return core_schema.list_schema(values, strict=True)


_TEXT = core_schema.str_schema(strict=True)
_COUNT = core_schema.int_schema(strict=True, ge=0)
_ITEM = core_schema.is_instance_schema(dict)  # of which no copy is made
_KEY = _by_name(_by_name(_TEXT, least=1, most=1), least=1)
_KEY_SCHEMA = _list(_object(required={"AttributeName": _TEXT, "KeyType": _TEXT}))
_DEFINITIONS = _list(_object(required={"AttributeName": _TEXT, "AttributeType": _TEXT}))
_INDEXES = _list(_object(required={"IndexName": _TEXT}, IndexStatus=_TEXT, KeySchema=_KEY_SCHEMA))
_PAGE = _object(
    required={"Count": _COUNT, "ScannedCount": _COUNT}, Items=_list(_ITEM), LastEvaluatedKey=_KEY
)
_WRITTEN = _object(Attributes=_ITEM)
_TABLE = _object(
    required={"TableStatus": _TEXT},
    TableName=_TEXT,
    KeySchema=_KEY_SCHEMA,
    AttributeDefinitions=_DEFINITIONS,
    GlobalSecondaryIndexes=_INDEXES,
    LocalSecondaryIndexes=_INDEXES,
)
_TTL = _object(TimeToLiveStatus=_TEXT, AttributeName=_TEXT)
_UNREAD = _by_name(_object(required={"Keys": _list(_KEY)}))
_UNWRITTEN = _by_name(
    _list(
        _object(
            PutRequest=_object(required={"Item": _ITEM}),
            DeleteRequest=_object(required={"Key": _KEY}),
        )
    )
)

_SHAPES = {
    name: SchemaValidator(shape)
    for name, shape in {
        "GetItem": _object(Item=_ITEM),
        "PutItem": _WRITTEN,
        "UpdateItem": _object(required={"Attributes": _ITEM}),
        "DeleteItem": _WRITTEN,
        "TransactGetItems": _object(required={"Responses": _list(_object(Item=_ITEM))}),
        "BatchGetItem": _object(
            required={"Responses": _by_name(_list(_ITEM))}, UnprocessedKeys=_UNREAD
        ),
        "BatchWriteItem": _object(UnprocessedItems=_UNWRITTEN),
        "Query": _PAGE,
        "Scan": _PAGE,
        "DescribeTable": _object(required={"Table": _TABLE}),
        "DescribeTimeToLive": _object(required={"TimeToLiveDescription": _TTL}),
    }.items()
}
