"""Pure: every verb as a value, a request and how its answer is read. Nothing here waits."""
