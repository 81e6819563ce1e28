"""A scanner that looks for visitors' secrets in every mail and log of the run."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

#: Secrets with fewer characters, or fewer distinct ones, could occur by chance.
MIN_LENGTH, MIN_DISTINCT = 12, 6

#: A field or setting of such a name holds a secret.
SENSITIVE = re.compile(r"password|passwd|secret|token|csrf|database_url", re.IGNORECASE)
#: The password in a database URL.
PASSWORD_IN_URL = re.compile(r"(?<=:)[^:/@]+(?=@)")

#: The patterns of secrets that are recognized by their form.
PATTERNS = {
    "a password's hash": re.compile(
        r"(?:scrypt|pbkdf2):[\w:]+\$[^\s$]+\$[0-9a-f]{16,}|\$(?:2[aby]|argon2id?)\$\S+"
    ),
    "a signed cookie or token": re.compile(
        r"(?<![\w-])[\w-]{8,}\.[\w-]{6}\.[\w-]{27,}"
    ),
}


class SecretExposed(AssertionError):
    """A mail or a log contains a secret."""


class SecretScanner:
    """The secrets in use, and the places where one of them was found."""

    def __init__(self) -> None:
        # By their first characters, so that a text is scanned once for all secrets.
        self._known: dict[str, dict[str, str]] = defaultdict(dict)
        self._harmless: set[str] = set()
        self._findings: list[str] = []

    def add(self, what: str, secret: str) -> None:
        """Add a secret, and its spellings in a URL, before it is used.

        Args:
            what: What the secret is, for the findings.
        """
        for spelling in {secret, quote(secret), quote_plus(secret)}:
            if len(spelling) >= MIN_LENGTH and len(set(spelling)) >= MIN_DISTINCT:
                self._known[spelling[:MIN_LENGTH]][spelling] = what

    def add_fields(self, where: str, fields: Iterable[tuple[str, str]]) -> None:
        """Add the values of fields or settings with sensitive names."""
        for name, value in fields:
            if SENSITIVE.search(name):
                found = PASSWORD_IN_URL.search(value) if "://" in value else None
                if found or "://" not in value:
                    self.add(f"{where} {name}", found[0] if found else value)

    def add_request(
        self,
        data: list[tuple[str, str]] | Mapping[str, str] | bytes | None,
        headers: Mapping[str, str] | None,
    ) -> None:
        """Add the sensitive fields of a request, and its Authorization header."""
        if data and not isinstance(data, bytes):
            fields = data.items() if isinstance(data, Mapping) else data
            self.add_fields("the field", fields)
        authorization = (headers or {}).get("Authorization", "")
        self.add("what stands in Authorization", authorization.rpartition(" ")[2])

    def add_cookies(self, cookies: Mapping[str, str]) -> None:
        """Add the values of cookies."""
        for name, value in cookies.items():
            self.add(f"the cookie {name}", value)

    def scan(self, where: str, text: str) -> None:
        """Record a finding for every secret in *text*.

        A line without secrets is not scanned again, as nearly all of a log consists of
        the same few stack traces.
        """
        for line in text.splitlines():
            if line not in self._harmless:
                found = [f"{what} stands in {where}" for what in self._in(line)]
                self._findings += found
                if not found:
                    self._harmless.add(line)

    def _in(self, line: str) -> Iterator[str]:
        starts = {
            line[at : at + MIN_LENGTH] for at in range(len(line) - MIN_LENGTH + 1)
        }
        for start in starts & self._known.keys():
            for secret, what in list(self._known[start].items()):
                if secret in line:
                    yield f"{what}, {_around(line, line.index(secret), len(secret))},"
        for what, pattern in PATTERNS.items():
            for found in pattern.finditer(line):
                yield f"{what}, {_around(line, found.start(), len(found[0]))},"

    def pop_findings(self) -> list[str]:
        """Return and forget the findings so far."""
        found, self._findings = self._findings, []
        return found


def _around(text: str, at: int, length: int) -> str:
    return repr(text[max(0, at - 60) : at + length + 20])


#: The scanner of this process, for everything that it serves and sends.
SECRETS = SecretScanner()
