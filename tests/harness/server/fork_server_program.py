"""The program of the fork server: ``python fork_server_program.py FD MODULE...``.

It imports the MODULEs and then takes requests from the socket FD, one JSON object a
line. ``{"start": {...}}`` forks a program and returns its process id; ``{"status":
PID}`` returns the exit status, or null while the program runs. It ends when the other
side closes the socket. The client is fork_server.py.

A program with a module of the same name as one that is imported already, such as
email.py, is started cold, as it would get the wrong module. Its current directory and
PYTHONPATH are searched for such modules, but not what it adds to sys.path itself.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import socket
import sys
from typing import Any


def become(program: dict[str, Any]) -> None:
    """Run a program in this process, as ``python -m`` does in a new one."""
    os.chdir(program["cwd"])
    for number, (path, flags) in enumerate(program["streams"]):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(program["env"])
    found = [*filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.path[:] = [program["cwd"], *found, *sys.path[1:]]
    sys.argv[:] = program["arguments"]
    sys.orig_argv[1:] = ["-m", *sys.argv]  # Werkzeug's reloader starts this again
    own = {entry for path in [program["cwd"], *found] for entry in entries(path)}
    if any(map(shadows, own)):
        os.execv(sys.executable, sys.orig_argv)
    if "COVERAGE_PROCESS_START" in os.environ:
        import coverage

        coverage.process_startup()
    sys.modules.pop("sitecustomize", None)
    with contextlib.suppress(ImportError):
        importlib.import_module("sitecustomize")  # that of this program's PYTHONPATH
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def entries(path: str) -> list[str]:
    """Return the names in a folder, none if it does not exist."""
    return os.listdir(path) if os.path.isdir(path) else []


def shadows(entry: str) -> bool:
    """Return whether a file or package is named like a module imported already."""
    name, _, ending = entry.partition(".")
    return name in sys.modules and ending in ("", "py")


def fork() -> int:
    """Fork, and return once the child leads a process group that can be killed."""
    reader, writer = os.pipe()
    if pid := os.fork():
        os.close(writer)
        os.read(reader, 1)
    else:
        os.setsid()
        os.close(writer)
    os.close(reader)
    return pid


def main() -> None:
    """Serve requests until the other side closes the socket."""
    for name in sys.argv[2:]:
        with contextlib.suppress(ImportError):  # the program that needs it will fail
            importlib.import_module(name)
    # The programs' garbage collections skip what they share, even at their end. With
    # this, 40 runs of `flask routes` take 7 s in place of 22 s in development mode.
    gc.freeze()
    ended: dict[int, int] = {}  # the system reports an exit status only once
    requests = socket.socket(fileno=int(sys.argv[1]))
    with requests, requests.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            request = json.loads(line)
            if "start" in request:
                response: int | None = fork()
                if response == 0:
                    break
            else:
                pid = request["status"]
                if pid not in ended and (found := os.waitpid(pid, os.WNOHANG))[0]:
                    ended[pid] = os.waitstatus_to_exitcode(found[1])
                response = ended.get(pid)
            print(json.dumps(response), file=lines, flush=True)
        else:
            return
    # The program starts without the socket's file descriptors, which are closed here.
    become(request["start"])


if __name__ == "__main__":
    main()
