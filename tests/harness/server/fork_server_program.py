"""
``python forkserver.py FD MODULE...``: a warm interpreter that forks programs.

It has imported MODULEs, so that what it forks need not: that is half of what the start
of a site costs. Requests come by the socket FD, one JSON object a line: ``{"start":
{...}}`` is answered with the process id, ``{"status": PID}`` with the exit status or
null. It ends when the socket's other side does. The client is fork_server.py.

A program with a module of its own by the name of one that is imported here already, say
email.py, is started cold: it would get the wrong one. Looked through are its current
directory and PYTHONPATH, not what it puts on sys.path itself.
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
    """Be *program* from now on: as ``python -m`` would have started it."""
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
    sys.orig_argv[1:] = ["-m", *sys.argv]  # the reloader of Werkzeug starts this anew
    own = {entry for path in [program["cwd"], *found] for entry in within(path)}
    if any(map(shadows, own)):
        os.execv(sys.executable, sys.orig_argv)
    if "COVERAGE_PROCESS_START" in os.environ:
        import coverage

        coverage.process_startup()
    sys.modules.pop("sitecustomize", None)
    with contextlib.suppress(ImportError):
        importlib.import_module("sitecustomize")  # as at any start, from PYTHONPATH now
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def within(path: str) -> list[str]:
    """Return the names in the folder *path*; none if it is not there."""
    return os.listdir(path) if os.path.isdir(path) else []


def shadows(entry: str) -> bool:
    """Tell whether *entry* of a folder, a file or package, is imported here already."""
    name, _, ending = entry.partition(".")
    return name in sys.modules and ending in ("", "py")


def fork() -> int:
    """Fork; return once the child leads a group of its own, which can be killed."""
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
    """Answer requests until nobody is there to ask."""
    for name in sys.argv[2:]:
        with contextlib.suppress(ImportError):  # who needs it will say what is missing
            importlib.import_module(name)
    gc.freeze()  # what all programs share is not looked through by each of them
    ended: dict[int, int] = {}  # a process can be asked of once, we of it by many
    requests = socket.socket(fileno=int(sys.argv[1]))
    with requests, requests.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            request = json.loads(line)
            if "start" in request:
                answer: int | None = fork()
                if answer == 0:
                    break
            else:
                pid = request["status"]
                if pid not in ended and (found := os.waitpid(pid, os.WNOHANG))[0]:
                    ended[pid] = os.waitstatus_to_exitcode(found[1])
                answer = ended.get(pid)
            print(json.dumps(answer), file=lines, flush=True)
        else:
            return
    # The streams of the socket are closed here: the program has none of them.
    become(request["start"])


if __name__ == "__main__":
    main()
