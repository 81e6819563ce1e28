"""The requests of the harness, in files that all processes of a site share."""

import json
import os
from contextvars import ContextVar


class Current:
    """The state of the current request, in each of its threads.

    An asynchronous view runs in another thread, in a copy of the request's context.
    """

    def __init__(self):
        self.__dict__["_values"] = ContextVar("values")

    def __getattr__(self, name):
        try:
            return self._values.get()[name]
        except LookupError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        if self._values.get(None) is None:
            self._values.set({})
        self._values.get()[name] = value


current = Current()


class State:
    """A folder that the harness and all processes of a site share."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        """Return the path of a file in the folder."""
        return os.path.join(self.folder, name)

    def _read(self, name):
        try:
            with open(self.path(name), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def fault(self):
        """Return the fault of a statement or file that is armed, None without one."""
        return self._read("fault.json")

    def barrier(self):
        """Return the barrier at which requests have to wait, None without one."""
        return self._read("barrier.json")

    def disarm(self, step):
        """Remove the fault and record which step it makes fail.

        Returns False if another request has removed it first.
        """
        try:
            os.replace(self.path("fault.json"), self.path("triggered.json"))
        except FileNotFoundError:
            return False
        with open(self.path("triggered.json"), "w", encoding="utf-8") as file:
            json.dump(step, file)
        return True

    def recording(self):
        """Return whether statements have to be recorded."""
        return os.path.exists(self.path("recording"))

    def record(self, statements):
        """Append statements to the record."""
        with open(self.path("statements.jsonl"), "a", encoding="utf-8") as file:
            file.write("".join(json.dumps(one) + "\n" for one in statements))
