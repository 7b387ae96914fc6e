"""Many models in one table: where the items of each live, and how they are told apart."""
