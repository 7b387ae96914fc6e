"""Sans-IO: HTTP and its signature, bytes in, bytes out. Nothing here waits."""
