"""A `diptych` for the shells of the documentation: it runs in a process that is forked where everything is imported already.

A program of a few lines stands in its place on the PATH. It hands its words, its folder, its environment and its three files to the
nursery, passes signals on, and ends as the process has ended. So a page with twenty commands does not wait for twenty imports.
"""

import atexit
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NoReturn

from tests.proofs.command import diptych, settle

_STAND_IN: Final = """\
#!{python} -IS
import json, os, signal, socket, sys
nursery = socket.socket(socket.AF_UNIX)
nursery.connect({address!r})
said = {{"words": sys.argv[1:], "folder": os.getcwd(), "variables": dict(os.environ)}}
socket.send_fds(nursery, [json.dumps(said).encode()], [0, 1, 2])
told = nursery.makefile()
process = int(told.readline())
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, _: os.kill(process, number))
code = int(told.readline())
if code < 0:
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
sys.exit(code)
"""
_LONGEST: Final = 1 << 20


@contextmanager
def nursery(folder: Path) -> Iterator[Path]:
    """A folder for the PATH, with a `diptych` in it, for as long as this lasts."""
    address = str(folder / "nursery")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen(64)
    stand_in = folder / "diptych"
    stand_in.write_text(_STAND_IN.format(python=sys.executable, address=address))
    stand_in.chmod(0o755)
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.proofs.command"])
    process = context.Process(target=_serve, args=(listening,))
    process.start()
    listening.close()
    try:
        yield folder
    finally:
        process.kill()
        process.join()


def _serve(listening: socket.socket) -> None:
    # Nobody waits for the processes that wait for commands.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        asking, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            os._exit(_mind(asking))
        asking.close()


def _leave_after(work: Callable[[], None]) -> NoReturn:
    """Do some work, and end this process as Python itself would."""
    code = 0
    try:
        work()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _mind(asking: socket.socket) -> int:
    """Have one command run, and tell how it ended; end it where nobody waits for it any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, files, _, _ = socket.recv_fds(asking, _LONGEST, 3)
    said: dict[str, Any] = json.loads(message)
    child = os.fork()
    if child == 0:
        asking.close()
        settle(Path(said["folder"]), said["variables"], files)
        _leave_after(diptych(*said["words"]))
    for file in files:
        os.close(file)
    asking.sendall(b"%d\n" % child)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            asking.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
            return 0
        if select.select([asking], [], [], 0.01)[0]:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return 0
