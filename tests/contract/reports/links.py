"""Links from a report to the chapter and to the catalogue of behaviours."""

from collections.abc import Mapping
from urllib.parse import quote

from tests.harness.plugin.docs import PAGE

TUTORIAL = "https://blog.miguelgrinberg.com/post/the-flask-mega-tutorial-part-"
ERROR_HANDLING = f"{TUTORIAL}vii-error-handling"
#: The chapters of areas that are earlier ones.
CHAPTERS = {
    "accounts": f"{TUTORIAL}v-user-logins",
    "profile": f"{TUTORIAL}vi-profile-page-and-avatars",
}
#: The sections of the chapter; a browser scrolls to the heading by its text.
SECTIONS = (
    "Debug Mode",
    "Custom Error Pages",
    "Sending Errors by Email",
    "Logging to a File",
    "Fixing the Duplicate Username Bug",
)


def chapter_link(identity: str, source: str) -> str:
    """Return the address of the section of the chapter that states a behaviour.

    Args:
        identity: The id of the behaviour.
        source: The title of the section.
    """
    if source in SECTIONS:
        return f"{ERROR_HANDLING}#:~:text={quote(source)}"
    return CHAPTERS.get(identity.partition(".")[0], ERROR_HANDLING)


def catalogue_link(identity: str, environ: Mapping[str, str]) -> str:
    """Return the address of a behaviour in the catalogue.

    A browser scrolls to its id; one without text fragments, to its area.

    Args:
        identity: The id of the behaviour.
        environ: The variables; in GitHub Actions, they name the suite's repository.
    """
    repository = environ.get("GITHUB_ACTION_REPOSITORY")
    if repository:
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        reference = environ.get("GITHUB_ACTION_REF") or "main"
        place = f"{server}/{repository}/blob/{reference}/docs/{PAGE.name}"
    else:
        place = PAGE.as_uri()
    # A hyphen has a meaning in text fragments.
    text = quote(identity).replace("-", "%2D")
    return f"{place}#{identity.partition('.')[0]}:~:text={text}"
