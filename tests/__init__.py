"""The tests. With `FACE=aio` in the environment they run over the asynchronous face."""

import os

if os.environ.get("FACE") == "aio":
    from tests import facade

    facade.install()
