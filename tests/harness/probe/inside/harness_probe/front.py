"""Acts as a proxy in front of an application, with a scheme and a host of its own.

Some applications redirect every request to HTTPS, or answer only for their own host.
"""

import re
from urllib.parse import urlsplit


class Front:
    """WSGI middleware that turns every request into one to *url*, SCHEME://[HOST]."""

    def __init__(self, wsgi_app, url):
        self.wsgi_app = wsgi_app
        self.scheme, self.host = urlsplit(url)[:2]

    def __call__(self, environ, start_response):
        host = self.host or environ["HTTP_HOST"]
        origin = f"{self.scheme}://{host}"

        def start(status, headers, *more):
            local = [(name, localized(name, value, origin)) for name, value in headers]
            return start_response(status, local, *more)

        forwarded = {
            # Flask-WTF refuses forms over HTTPS that have none.
            "HTTP_REFERER": origin + environ["PATH_INFO"],
            **environ,
            "HTTP_HOST": host,
            "HTTP_X_FORWARDED_HOST": host,
            "HTTP_X_FORWARDED_PROTO": self.scheme,
            "wsgi.url_scheme": self.scheme,
        }
        return self.wsgi_app(forwarded, start)


def localized(name, value, origin):
    """Return a header's value without the origin, so that the client stays here."""
    if name.lower() == "location" and (value + "/").startswith(origin + "/"):
        return value[len(origin) :] or "/"
    if name.lower() == "set-cookie":
        return re.sub(r"(?i); *domain=[^;]*", "", value)
    return value
