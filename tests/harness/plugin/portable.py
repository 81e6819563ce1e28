"""The portable tests, which judge any implementation in a contract run."""

import pytest

_FOLDER = "tests/integration/"
#: Their modules in the order of the chapter.
MODULES = (
    *("test_start", "test_accounts", "test_profile", "test_edit_profile"),
    *("test_errors", "test_error_insides", "test_error_sources", "test_rollback"),
    *("test_mail", "test_mail_trouble"),
    *("test_mail_storm", "test_mail_tls", "test_mail_content", "test_mail_processes"),
    *("test_secrets", "test_log", "test_log_lines", "test_log_place"),
    *("test_log_trouble", "test_rotation", "test_rotation_sharp"),
    *("test_rotation_processes", "test_rotation_trouble"),
    *("debug/test_debug_mode", "debug/test_off", "debug/test_debugger"),
    *("debug/test_reloader", "test_csrf", "test_security"),
)
FILES = tuple(f"{_FOLDER}{module}.py" for module in MODULES)


def is_portable(item: pytest.Item) -> bool:
    """Return whether a test judges any implementation, not only our own."""
    own = any(mark.name == "own_only" for mark in item.iter_markers("own_only"))
    return item.nodeid.partition("::")[0] in FILES and not own
