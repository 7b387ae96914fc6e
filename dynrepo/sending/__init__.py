"""Pure: what became of a request, what that means to the caller, and whether to send it again."""
