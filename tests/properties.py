"""How the property tests draw: the same examples in every run, or under `make fuzz` new ones each time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

STEADY, FUZZ = "steady", "fuzz"

settings.register_profile(
    STEADY,
    max_examples=60,
    derandomize=True,
    database=None,
    # Neither how fast a machine is nor what else it does decides a result.
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    FUZZ, settings.get_profile(STEADY), derandomize=False, max_examples=500, print_blob=True
)


def draw_the_same() -> None:
    """The same commit draws the same examples, whichever tests ran before and wherever the checkout lies.

    Hypothesis draws constants out of the project's modules too: of those that are loaded by then, and of none
    at all where a folder above them is named `tests`.
    """
    module = "hypothesis.internal.conjecture.providers"
    pytest.MonkeyPatch().setattr(f"{module}.is_local_module_file", lambda path: False)


def examples(percent: int) -> settings:
    """So many percent of the examples that the profile draws of each property."""
    return settings(max_examples=settings().max_examples * percent // 100)


# Whatever Python can hold: halves of surrogate pairs, NUL, line separators and bidi controls among it.
ANY_CHARACTER = st.sampled_from('\ud800\udfff\0\u2028\u202e\x1b\n"\\${}%*?:<&') | st.characters(
    exclude_categories=()
)
ANY_STRING = st.text(ANY_CHARACTER, max_size=12)

settings.load_profile(STEADY)
