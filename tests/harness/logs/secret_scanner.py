"""What visitors keep to themselves, looked for in every mail and log of the run."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

#: What has fewer characters, or fewer different ones, may stand anywhere by chance.
SHORTEST, FEWEST = 12, 6

#: A field or setting of such a name holds a secret.
SENSITIVE = re.compile(r"password|passwd|secret|token|csrf|database_url", re.IGNORECASE)
#: The password in the address of a database.
IN_ADDRESS = re.compile(r"(?<=:)[^:/@]+(?=@)")

#: What is secret by its looks, whoever it belongs to.
SHAPES = {
    "a password's hash": re.compile(
        r"(?:scrypt|pbkdf2):[\w:]+\$[^\s$]+\$[0-9a-f]{16,}|\$(?:2[aby]|argon2id?)\$\S+"
    ),
    "a signed cookie or token": re.compile(
        r"(?<![\w-])[\w-]{8,}\.[\w-]{6}\.[\w-]{27,}"
    ),
}


class SecretExposed(AssertionError):
    """A secret stands where others read."""


class SecretScanner:
    """All the secrets that were used, and where one of them was found again."""

    def __init__(self) -> None:
        # By their first characters: a text is looked through once, not once for each.
        self._known: dict[str, dict[str, str]] = defaultdict(dict)
        self._harmless: set[str] = set()
        self._findings: list[str] = []

    def keep(self, what: str, secret: str) -> None:
        """Remember a secret, and how a URL spells it, before it may be told."""
        for spelling in {secret, quote(secret), quote_plus(secret)}:
            if len(spelling) >= SHORTEST and len(set(spelling)) >= FEWEST:
                self._known[spelling[:SHORTEST]][spelling] = what

    def keep_fields(self, where: str, fields: Iterable[tuple[str, str]]) -> None:
        """Remember the values of fields or settings whose names say that they are."""
        for name, value in fields:
            if SENSITIVE.search(name):
                found = IN_ADDRESS.search(value) if "://" in value else None
                if found or "://" not in value:
                    self.keep(f"{where} {name}", found[0] if found else value)

    def keep_request(
        self,
        data: list[tuple[str, str]] | Mapping[str, str] | bytes | None,
        headers: Mapping[str, str] | None,
    ) -> None:
        """Remember what of a request is its sender's alone; bytes are no fields."""
        if data and not isinstance(data, bytes):
            fields = data.items() if isinstance(data, Mapping) else data
            self.keep_fields("the field", fields)
        authorization = (headers or {}).get("Authorization", "")
        self.keep("what stands in Authorization", authorization.rpartition(" ")[2])

    def keep_cookies(self, cookies: Mapping[str, str]) -> None:
        """Remember the values of cookies."""
        for name, value in cookies.items():
            self.keep(f"the cookie {name}", value)

    def look_through(self, where: str, text: str) -> None:
        """
        Note every secret that stands in *text*.

        A line that stood somewhere before is not looked at again: nearly all of a
        log is the same few stack traces.
        """
        for line in text.splitlines():
            if line not in self._harmless:
                told = [f"{what} stands in {where}" for what in self._in(line)]
                self._findings += told
                if not told:
                    self._harmless.add(line)

    def _in(self, line: str) -> Iterator[str]:
        starts = {line[at : at + SHORTEST] for at in range(len(line) - SHORTEST + 1)}
        for start in starts & self._known.keys():
            for secret, what in list(self._known[start].items()):
                if secret in line:
                    yield f"{what}, {_around(line, line.index(secret), len(secret))},"
        for what, shape in SHAPES.items():
            for found in shape.finditer(line):
                yield f"{what}, {_around(line, found.start(), len(found[0]))},"

    def findings(self) -> list[str]:
        """Return what was found since this was last asked."""
        found, self._findings = self._findings, []
        return found


def _around(text: str, at: int, length: int) -> str:
    return repr(text[max(0, at - 60) : at + length + 20])


#: The one of this process: whatever is served to it and sent to it.
SECRETS = SecretScanner()
