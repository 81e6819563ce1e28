"""An index of small packages, each uploaded on a day of its own, on this machine."""

import base64
import hashlib
import json
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

#: The content type of the index: https://peps.python.org/pep-0691/
JSON = "application/vnd.pypi.simple.v1+json"


def wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, str],
    requires: tuple[str, ...] = (),
    urls: tuple[str, ...] = (),
) -> Path:
    """Build a wheel in a folder.

    Args:
        files: The texts of its files, by path.
        urls: Its links, each as ``"Label, URL"``.
    """
    info = f"{name}-{version}.dist-info"
    headers = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    headers += [f"Requires-Dist: {one}" for one in requires]
    headers += [f"Project-URL: {one}" for one in urls]
    contents = {
        **files,
        f"{info}/METADATA": "\n".join([*headers, "", ""]),
        f"{info}/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: tests\n"
            "Root-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = f"{info}/RECORD"
    lines = [f"{path},{_digest(text)},{len(text)}" for path, text in contents.items()]
    contents[record] = "\n".join([*lines, f"{record},,", ""])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in contents.items():
            archive.writestr(inner, text)
    return path


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


@dataclass
class PackageIndex:
    """The wheels of an index, and when each was uploaded."""

    folder: Path
    uploads: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def upload(
        self,
        day: str,
        name: str,
        version: str,
        text: str = "",
        requires: tuple[str, ...] = (),
    ) -> None:
        """Offer a release with one module."""
        urls = (f"Changes, https://{name}.invalid/changes",)
        files = {f"{name}.py": text}
        path = wheel(self.folder, name, version, files, requires, urls)
        self.uploads[path.name] = f"{day}T12:00:00Z"

    def upload_shared(self, day: str) -> None:
        """Offer a release that makes all packages of this environment importable."""
        shared = next(path for path in sys.path if path.endswith("site-packages"))
        path = wheel(self.folder, "shared", "1.0", {"shared.pth": f"{shared}\n"})
        self.uploads[path.name] = f"{day}T12:00:00Z"

    def page(self, name: str) -> bytes | None:
        """Return what the index says of a package, None if there is none."""
        files = [
            {
                "filename": file,
                "url": f"{self.url}/files/{file}",
                "hashes": {},
                "upload-time": day,
            }
            for file, day in self.uploads.items()
            if file.startswith(f"{name}-")
        ]
        page = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
        return json.dumps(page).encode() if files else None


@contextmanager
def served(folder: Path) -> Iterator[PackageIndex]:
    """Serve an index, for the length of the block."""
    index = PackageIndex(folder)

    class Handler(BaseHTTPRequestHandler):
        """Answers what uv asks."""

        def do_GET(self) -> None:
            """Send a page of the index, or a wheel."""
            kind, _, name = self.path.strip("/").partition("/")
            content = index.page(name) if kind == "simple" else None
            if kind == "files":
                content = (folder / name).read_bytes()
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", JSON)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *arguments: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        index.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield index
        finally:
            server.shutdown()
            thread.join()
