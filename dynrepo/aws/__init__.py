"""The way to DynamoDB below PynamoDB's `Connection`: a direct sender, or botocore's."""

from dynrepo.aws.connection import AdaptedConnection, WireConnection, connect
from dynrepo.aws.sender_choice import Sender, Transport

__all__ = ["AdaptedConnection", "Sender", "Transport", "WireConnection", "connect"]
