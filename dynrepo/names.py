"""The public names of the library, and the modules they live in."""

from dynrepo.batch import Batch
from dynrepo.clock import deadline
from dynrepo.container import Container
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
from dynrepo.expressions import FieldPath, FieldPaths
from dynrepo.health import Health, Status
from dynrepo.instrumentation import Call, Instrument, InstrumentationMixin
from dynrepo.instrumentation.usage import Cost, Usage, usage
from dynrepo.markers import (
    Attribute,
    CreatedAt,
    Encoding,
    PartitionKey,
    PlainText,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)
from dynrepo.operation import Answer, Operation
from dynrepo.protocols import ItemStore, ItemStoreProvider
from dynrepo.query import Page, Query
from dynrepo.record import Change
from dynrepo.repository import Repository
from dynrepo.schema import schema_of
from dynrepo.settings import Settings
from dynrepo.store import DynamoStore, Location, Store
from dynrepo.table import Capacity, Difference
from dynrepo.transaction import Transaction

__all__ = [
    "AccessDenied",
    "Answer",
    "Attribute",
    "Batch",
    "Call",
    "Capacity",
    "Change",
    "CodecError",
    "ConditionFailed",
    "Container",
    "Cost",
    "CreatedAt",
    "CredentialsMissing",
    "Difference",
    "DynamoStore",
    "DynrepoError",
    "Encoding",
    "FieldPath",
    "FieldPaths",
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
    "Page",
    "PartitionKey",
    "PlainText",
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
    "Transaction",
    "TransactionCanceled",
    "Unavailable",
    "Unprocessed",
    "UpdatedAt",
    "Usage",
    "Version",
    "VersionConflict",
    "deadline",
    "schema_of",
    "usage",
]
