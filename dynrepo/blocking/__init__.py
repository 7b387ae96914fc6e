"""The blocking face: what waits, in threads and on sockets."""
