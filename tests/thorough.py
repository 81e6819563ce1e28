"""How much a test tries: a little in the suite, a lot in ``tox -e thorough``."""

from hypothesis import settings


def amount(quick: int, thorough: int) -> int:
    """Choose by the Hypothesis profile in force (HYPOTHESIS_PROFILE=thorough)."""
    is_thorough = settings.get_current_profile_name() == "thorough"
    return thorough if is_thorough else quick
