"""The only package that imports botocore and PynamoDB's `Connection`: clients, and who sends."""
