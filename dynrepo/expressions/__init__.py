"""PynamoDB's expression language, under names of ours: the one package that imports it."""
