"""From a table and a sample of its rows to a proposed model."""
