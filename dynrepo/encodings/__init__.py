"""The forms in which other programs store values, by name, for `Annotated`.

```python
placed: Annotated[AwareDatetime, encodings.EPOCH_MILLISECONDS]
```

Each reads exactly, or refuses, and writes in its own form, in keys and conditions too. Where a form
has another order than its values it says so: it may be a sort key, but has no ranges.
"""

from dynrepo.codec.forms import AlsoReads, NamedEncoding, truncated
from dynrepo.encodings.counts import (
    EPOCH_FRACTION,
    EPOCH_MICROSECONDS,
    EPOCH_MILLISECONDS,
    EPOCH_NANOSECONDS,
    EPOCH_SECONDS,
    MILLISECONDS,
    NANOSECONDS,
)
from dynrepo.encodings.durations import ISO_DURATION, ISO_DURATION_HOURS
from dynrepo.encodings.instants import (
    ISO_BASIC_OFFSET,
    ISO_INSTANT,
    ISO_MILLISECONDS,
    ISO_OFFSET,
    ISO_SPACED,
    ISO_Z,
    RFC3339_NANO,
)
from dynrepo.encodings.locals import (
    LOCAL_DATE_TIME,
    LOCAL_TIME,
    NAIVE_ISO,
    NAIVE_SPACED,
    in_zone,
)
from dynrepo.encodings.parts import AS_LIST, AS_SET, ENUM_NAME, JSON_TEXT
from dynrepo.encodings.scalars import (
    DECIMAL_TEXT,
    LEGACY_BINARY,
    UUID_BYTES,
    UUID_HEX,
    UUID_UPPER,
    YES_NO,
    ZERO_ONE,
    bool_text,
)
from dynrepo.encodings.zoned import ISO_ZONED_DATE_TIME

__all__ = [
    "AS_LIST",
    "AS_SET",
    "DECIMAL_TEXT",
    "ENUM_NAME",
    "EPOCH_FRACTION",
    "EPOCH_MICROSECONDS",
    "EPOCH_MILLISECONDS",
    "EPOCH_NANOSECONDS",
    "EPOCH_SECONDS",
    "ISO_BASIC_OFFSET",
    "ISO_DURATION",
    "ISO_DURATION_HOURS",
    "ISO_INSTANT",
    "ISO_MILLISECONDS",
    "ISO_OFFSET",
    "ISO_SPACED",
    "ISO_Z",
    "ISO_ZONED_DATE_TIME",
    "JSON_TEXT",
    "LEGACY_BINARY",
    "LOCAL_DATE_TIME",
    "LOCAL_TIME",
    "MILLISECONDS",
    "NAIVE_ISO",
    "NAIVE_SPACED",
    "NANOSECONDS",
    "RFC3339_NANO",
    "UUID_BYTES",
    "UUID_HEX",
    "UUID_UPPER",
    "YES_NO",
    "ZERO_ONE",
    "AlsoReads",
    "NamedEncoding",
    "bool_text",
    "in_zone",
    "truncated",
]
