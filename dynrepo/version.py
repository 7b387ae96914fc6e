"""The version of this library, for the package's metadata and the instrumentation scope."""

VERSION = "0.1.0"
