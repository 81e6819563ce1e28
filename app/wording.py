"""What the error pages say: what went wrong, and what to do about it."""

from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

# The heading and the text of each error; any other is called what HTTP calls it.
WORDS = {
    400: (
        "Bad Request",
        "The request came incomplete or garbled. Please check the address, or go back "
        "and try again.",
    ),
    401: ("Sign In First", "Please sign in, and then open this page again."),
    403: (
        "Forbidden",
        "This page is not for you. If you have another account, sign in with that.",
    ),
    404: (
        "File Not Found",
        "There is nothing at this address. Please check it for a slip, or start again "
        "at the home page: whoever changes their name moves to a new address.",
    ),
    405: (
        "Not Possible Here",
        "This address cannot be used in this way. Please go back, and use the links "
        "and buttons of the page.",
    ),
    406: (
        "No Such Format",
        "This page does not come in a format that was asked for. Please ask for HTML.",
    ),
    408: (
        "Took Too Long",
        "The request did not arrive in time. Please check your connection, and try "
        "again.",
    ),
    409: (
        "Changed Meanwhile",
        "Somebody else made a change at the same time. Please reload the page and try "
        "again.",
    ),
    410: (
        "Gone",
        "What was here has been removed for good. The home page shows what there is.",
    ),
    411: (
        "Length Missing",
        "The request does not say how long it is. Please try another browser.",
    ),
    412: (
        "Changed Meanwhile",
        "This is no longer what you have seen. Please reload the page and try again.",
    ),
    413: (
        "Too Large",
        "That is more than this site takes at once. Please shorten it and try again.",
    ),
    414: (
        "Address Too Long",
        "This address is longer than this site takes. Please check where it ends.",
    ),
    415: (
        "Unknown Format",
        "What was sent has a format that this site cannot read. Please send it with "
        "the form on the page.",
    ),
    416: (
        "Not That Far",
        "The part that was asked for is not there. Please load the whole.",
    ),
    417: (
        "Too Much Expected",
        "The request expects what this site does not do. Please try another browser.",
    ),
    421: (
        "Wrong Door",
        "The request was meant for another site. Please reload the page.",
    ),
    422: (
        "Not Usable",
        "What was sent makes no sense here. Please check it and try again.",
    ),
    423: ("In Use", "Somebody else works on this now. Please try again in a while."),
    424: (
        "An Earlier Step Failed",
        "This depends on a step before it, which failed. Please begin with that again.",
    ),
    428: (
        "Reload First",
        "This may have changed since you saw it. Please reload the page and try again.",
    ),
    429: ("Too Many Requests", "Please wait a moment before you try again."),
    431: (
        "Too Many Cookies",
        "Your browser sends more with each request than this site takes. Please remove "
        "the cookies of this site and try again.",
    ),
    451: (
        "Not Allowed by Law",
        "This page may not be shown where you are. The home page shows what may.",
    ),
    500: (
        "An unexpected error has occurred",
        "The administrator has been notified. Sorry for the inconvenience!",
    ),
    501: (
        "Not Offered",
        "This site cannot do that. Please use the links and buttons of its pages.",
    ),
    502: (
        "No Proper Answer",
        "A server behind this one failed. Please try again in a moment.",
    ),
    503: ("Not Available Now", "Please come back in a moment."),
    504: (
        "No Answer in Time",
        "A server behind this one is too slow. Please try again in a moment.",
    ),
    505: (
        "Unknown Version of HTTP",
        "This site does not speak the version that was asked for. Please try another "
        "browser.",
    ),
}

OLD_FORM = (
    "Form No Longer Valid",
    "The form is from an earlier visit, or was sent incomplete. Please go back, reload "
    "the page and try again.",
)
FORM_FROM_ELSEWHERE = (
    "Form From Elsewhere",
    "The form was sent from another address than the one it came to, or from a browser "
    "that does not say. Please open it on this site, and try again.",
)


def words(error: HTTPException) -> tuple[str, str]:
    """The heading and the text of an error's page."""
    if isinstance(error, CSRFError):
        elsewhere = "referrer" in (error.description or "")
        return FORM_FROM_ELSEWHERE if elsewhere else OLD_FORM
    if error.code in WORDS:
        return WORDS[error.code]
    return error.name, "The request could not be answered. Please try another way."
