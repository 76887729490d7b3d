"""Holds an engine, so that none is left when Keisei ends, however it ends. Run as a program; imports what starts fast.

    python leash.py DESCRIPTOR COMMAND...

The engine gets this process's three streams and a process group of its own. Once nobody holds the other end of the
pipe at DESCRIPTOR any more, the whole group is killed: by the system's own account, so it needs no signal, no thread of
Keisei's, and no goodwill of the engine. Ends as the engine ends.
"""

import os
import signal
import sys
from contextlib import suppress

CANNOT_START = 127
"""Exit code, as a shell has it."""
SIGNALLED = 128


def main(descriptor: int, command: list[str]) -> None:
    """Starts the engine and waits for its end, or for that of Keisei."""
    engine = 0

    def has_ended(*_: object) -> None:
        pid = status = 0
        with suppress(ChildProcessError):  # it was waited for below
            pid, status = os.waitpid(engine, os.WNOHANG) if engine else (0, 0)
        if pid:
            kill(engine)  # what it started itself
            code = os.waitstatus_to_exitcode(status)
            os._exit(SIGNALLED - code if code < 0 else code)

    signal.signal(signal.SIGCHLD, has_ended)
    try:
        engine = os.posix_spawnp(command[0], command, os.environ, setpgroup=0, setsigdef=[signal.SIGPIPE])
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        os._exit(CANNOT_START)
    for stream in range(3):
        os.close(stream)
    has_ended()  # before its number was known here
    while os.read(descriptor, 1):
        pass
    kill(engine)
    with suppress(ChildProcessError):
        os.waitpid(engine, 0)


def kill(group: int) -> None:
    """Kills a process group, if it is there; of one whose leader is not waited for yet, macOS says it may not."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
