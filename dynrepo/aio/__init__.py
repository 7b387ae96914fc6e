"""The asynchronous face: what waits, in the tasks of an asyncio loop and on its sockets."""
