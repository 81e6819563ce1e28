"""Links from a report: to the chapter, and to the catalogue of behaviours."""

from collections.abc import Mapping
from urllib.parse import quote

from tests.harness.plugin.docs import PAGE

TUTORIAL = "https://blog.miguelgrinberg.com/post/the-flask-mega-tutorial-part-"
ERROR_HANDLING = f"{TUTORIAL}vii-error-handling"
#: The chapters of areas that this one stands on.
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
    """
    Return where to read about a behaviour.

    :param source: the section that states it
    """
    if source in SECTIONS:
        return f"{ERROR_HANDLING}#:~:text={quote(source)}"
    return CHAPTERS.get(identity.partition(".")[0], ERROR_HANDLING)


def catalogue_link(identity: str, environ: Mapping[str, str]) -> str:
    """
    Return where a behaviour stands on the page of the catalogue.

    A browser scrolls to its id; one without text fragments, to its area.

    :param environ: tells in GitHub Actions where the suite is published
    """
    repository = environ.get("GITHUB_ACTION_REPOSITORY")
    if repository:
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        reference = environ.get("GITHUB_ACTION_REF") or "main"
        place = f"{server}/{repository}/blob/{reference}/docs/{PAGE.name}"
    else:
        place = PAGE.as_uri()
    # In a text fragment a hyphen has a meaning of its own.
    text = quote(identity).replace("-", "%2D")
    return f"{place}#{identity.partition('.')[0]}:~:text={text}"
