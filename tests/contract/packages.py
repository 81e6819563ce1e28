"""The names of packages, which are not always those of their modules."""

#: The packages that are imported under another name than theirs.
DISTRIBUTIONS = {
    "bs4": "beautifulsoup4",
    "crypto": "pycryptodome",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "mysqldb": "mysqlclient",
    "pil": "pillow",
    "pkg_resources": "setuptools<81",  # the last releases that have it
    "psycopg2": "psycopg2-binary",
    "yaml": "PyYAML",
}


def distribution(module: str) -> str:
    """Return the name of the package that is imported as *module*."""
    top = module.partition(".")[0]
    return DISTRIBUTIONS.get(top.lower(), top.replace("_", "-"))
