"""Typed DynamoDB repositories for Pydantic models: exact, instrumented, testable.

::

    class User(BaseModel, frozen=True):
        user_id: Annotated[UUID, PartitionKey()]
        name: str

    class Users(Repository[User]):
        table = "users"

    users = Users()
    users.set(ada)
    users.get(ada.user_id)
"""

from dynrepo.errors import (
    AccessDenied,
    CodecError,
    ConditionFailed,
    CredentialsMissing,
    DynrepoError,
    InvalidCursor,
    ItemExists,
    ItemNotFound,
    OutcomeUnknown,
    SchemaError,
    SettingsError,
    StoreError,
    TableNotFound,
    Throttled,
    Timeout,
    TransactionCanceled,
    Unavailable,
    Unprocessed,
    VersionConflict,
)
from dynrepo.health import Health, Status
from dynrepo.instrumentation import Call, Instrument, InstrumentationMixin
from dynrepo.markers import (
    Attribute,
    CreatedAt,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)
from dynrepo.operation import Answer, Operation
from dynrepo.protocols import ItemStore, ItemStoreProvider
from dynrepo.query import Query
from dynrepo.repository import Repository
from dynrepo.schema import schema_of
from dynrepo.settings import Settings
from dynrepo.store import DynamoStore, Location, Store

__all__ = [
    "AccessDenied",
    "Answer",
    "Attribute",
    "Call",
    "CodecError",
    "ConditionFailed",
    "CreatedAt",
    "CredentialsMissing",
    "DynamoStore",
    "DynrepoError",
    "Health",
    "Instrument",
    "InstrumentationMixin",
    "InvalidCursor",
    "ItemExists",
    "ItemNotFound",
    "ItemStore",
    "ItemStoreProvider",
    "Location",
    "Operation",
    "OutcomeUnknown",
    "PartitionKey",
    "Query",
    "Repository",
    "SchemaError",
    "Settings",
    "SettingsError",
    "SortKey",
    "Status",
    "Store",
    "StoreError",
    "TableNotFound",
    "Throttled",
    "TimeToLive",
    "Timeout",
    "TransactionCanceled",
    "Unavailable",
    "Unprocessed",
    "UpdatedAt",
    "Version",
    "VersionConflict",
    "schema_of",
]
