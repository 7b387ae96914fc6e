"""The way to DynamoDB below PynamoDB's `Connection`: a direct sender, or botocore's."""

from dynrepo.transport.choice import Sender, Transport
from dynrepo.transport.connection import AdaptedConnection, WireConnection, connect

__all__ = ["AdaptedConnection", "Sender", "Transport", "WireConnection", "connect"]
