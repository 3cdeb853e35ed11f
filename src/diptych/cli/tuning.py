"""How a process that serves is tuned: its threads, its collector of garbage, and how its answers leave."""

import asyncio
import gc
import sys
from typing import Final

# Seconds for which one thread may keep the interpreter while another waits for it. By default the threads of SQLite would wait 5 ms
# for it, which is longer than a commit takes.
_TURN: Final = 0.0005

# New objects before a collection, and collections of the young before one of the older. With the interpreter's own 700, 10 and 10,
# requests that are just being answered are looked through again and again.
_COLLECT_AFTER: Final = (20_000, 20, 20)


def tune() -> None:
    """Tune this process, once what it serves is made.

    What is there by then stays: looking for garbage among it took a tenth of the time of a request.
    """
    sys.setswitchinterval(_TURN)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def protocol() -> type[asyncio.Protocol] | str:
    """The server's protocol for HTTP; its own choice where httptools does not run."""
    if sys.platform == "win32":
        return "auto"
    from diptych.cli.one_write import OneWriteProtocol

    return OneWriteProtocol
