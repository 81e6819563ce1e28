"""What usually is behind a failure: causes.toml, by the id of the behaviour."""

import tomllib
from pathlib import Path

_SOURCE = (Path(__file__).parent / "causes.toml").read_text(encoding="utf-8")
CAUSES: dict[str, str] = {
    identity: " ".join(cause.split())
    for identity, cause in tomllib.loads(_SOURCE).items()
}
