"""What a Pydantic model is as the items of a table."""
