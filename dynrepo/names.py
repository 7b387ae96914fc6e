"""The public names of the library, and the modules they live in."""

from dynrepo.aio.batch import AsyncBatch
from dynrepo.aio.container import AsyncContainer
from dynrepo.aio.forwarding import AsyncForwardingStore
from dynrepo.aio.query import AsyncQuery
from dynrepo.aio.repository import AsyncRepository
from dynrepo.aio.store import AsyncDynamoStore
from dynrepo.aio.transaction import AsyncTransaction
from dynrepo.blocking.batch import Batch
from dynrepo.blocking.container import Container
from dynrepo.blocking.forwarding import ForwardingStore
from dynrepo.blocking.query import Query
from dynrepo.blocking.repository import Repository
from dynrepo.blocking.store import DynamoStore
from dynrepo.blocking.transaction import Transaction
from dynrepo.clock import deadline
from dynrepo.errors import (
    AccessDenied,
    CodecError,
    ConditionFailed,
    CredentialsMissing,
    DynrepoError,
    InvalidCursor,
    ItemExists,
    ItemNotFound,
    NotUnique,
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
    WrittenUnreadable,
)
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.paths import FieldPath
from dynrepo.expressions.stored import path, present
from dynrepo.instrumentation import Call, Instrument, InstrumentationMixin
from dynrepo.instrumentation.hot_keys import HotKey, HotKeys
from dynrepo.instrumentation.pace import Pace, pace
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
from dynrepo.modelling.module import model_of
from dynrepo.operations.advice import Advice
from dynrepo.operations.claiming import Claims
from dynrepo.operations.explanation import Explanation
from dynrepo.operations.grouping import Group, many, one
from dynrepo.operations.health import Health, Status
from dynrepo.operations.operation import (
    Answer,
    CancellationReason,
    Effect,
    Location,
    Operation,
    Refusal,
)
from dynrepo.operations.pages import Page
from dynrepo.operations.protocols import (
    AsyncItemStore,
    AsyncItemStoreProvider,
    AsyncStore,
    ItemStore,
    ItemStoreProvider,
    Store,
)
from dynrepo.operations.rekeying import Rekeyed
from dynrepo.operations.samples import Sample
from dynrepo.operations.streams import Change
from dynrepo.operations.table_plan import Capacity
from dynrepo.operations.tables import Difference
from dynrepo.places.shared_table import Place, SharedTable
from dynrepo.places.table_keys import Index, Key
from dynrepo.schema.entity import schema_of
from dynrepo.sending.sender_used import SenderUsed
from dynrepo.settings import Settings

__all__ = [
    "AccessDenied",
    "Advice",
    "Answer",
    "AsyncBatch",
    "AsyncContainer",
    "AsyncDynamoStore",
    "AsyncForwardingStore",
    "AsyncItemStore",
    "AsyncItemStoreProvider",
    "AsyncQuery",
    "AsyncRepository",
    "AsyncStore",
    "AsyncTransaction",
    "Attribute",
    "Batch",
    "Call",
    "CancellationReason",
    "Capacity",
    "Change",
    "Claims",
    "CodecError",
    "ConditionFailed",
    "Container",
    "Cost",
    "CreatedAt",
    "CredentialsMissing",
    "Difference",
    "DynamoStore",
    "DynrepoError",
    "Effect",
    "Encoding",
    "Explanation",
    "FieldPath",
    "FieldPaths",
    "ForwardingStore",
    "Group",
    "Health",
    "HotKey",
    "HotKeys",
    "Index",
    "Instrument",
    "InstrumentationMixin",
    "InvalidCursor",
    "ItemExists",
    "ItemNotFound",
    "ItemStore",
    "ItemStoreProvider",
    "Key",
    "Location",
    "NotUnique",
    "Operation",
    "OutcomeUnknown",
    "Pace",
    "Page",
    "PartitionKey",
    "Place",
    "PlainText",
    "Query",
    "Refusal",
    "Rekeyed",
    "Repository",
    "Sample",
    "SchemaError",
    "SenderUsed",
    "Settings",
    "SettingsError",
    "SharedTable",
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
    "WrittenUnreadable",
    "deadline",
    "many",
    "model_of",
    "one",
    "pace",
    "path",
    "present",
    "schema_of",
    "usage",
]
