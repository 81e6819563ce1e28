"""What the harness asked for, in files, so that every worker process sees it."""

import json
import os
import threading

#: What happens in the request that this thread answers.
current = threading.local()


class State:
    """A folder that the harness and all processes of a site share."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        """Return the path of a file of the folder."""
        return os.path.join(self.folder, name)

    def fault(self):
        """Return the fault that is armed, of a statement or a file; None: none is."""
        try:
            with open(self.path("fault.json"), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def disarm(self, step):
        """Take the fault out, and say what it struck; False if another was quicker."""
        try:
            os.replace(self.path("fault.json"), self.path("triggered.json"))
        except FileNotFoundError:
            return False
        with open(self.path("triggered.json"), "w", encoding="utf-8") as file:
            json.dump(step, file)
        return True

    def barrier(self):
        """Return the barrier at which requests are to wait, None without one."""
        try:
            with open(self.path("barrier.json"), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def recording(self):
        """Tell whether statements are to be written down."""
        return os.path.exists(self.path("recording"))

    def record(self, entries):
        """Write statements down."""
        with open(self.path("statements.jsonl"), "a", encoding="utf-8") as file:
            file.write("".join(json.dumps(entry) + "\n" for entry in entries))
