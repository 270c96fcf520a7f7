"""What only a plan can tell of a policy version, since it knows the policy: PV304, PV310, PV312."""

from __future__ import annotations

from constructs_lib.findings import Basis, Phrase, Problem, Problems, check, checks_of, quoted
from constructs_lib.ram.grammar import PAGE
from constructs_lib.ram.policy_version import PolicyVersionView, RotateStrategy

LIMITS = "RAM, help page Limits"
# How many versions a policy can have.
MAX_VERSIONS = 5


@check(
    "PV304", "The sixth version will be refused", source=f"{PAGE}; {LIMITS}", basis=(Basis.PAGE, Basis.HARM)
)
def sixth_version(view: PolicyVersionView) -> Problems:
    """A policy has at most five versions, and every changed document makes one. Without a rotate strategy the
    API refuses the sixth with LimitExceeded.Policy.Version until someone deletes one. The provider counts the
    versions at plan, and a review those that it knows; neither says anything while there is room. Nobody
    counts for the official provider: there it is said as long as no strategy is set."""
    yield from refusal(view.props.rotate_strategy)


def refusal(strategy: object, how_full: str = "") -> Problems:
    """The problem where a sixth version would be refused; `how_full`: what is known of the policy."""
    if strategy is None or strategy == RotateStrategy.NONE:
        step = f"Set it to {quoted(RotateStrategy.DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED)}"
        hint = f"{step}, or delete a version that nobody needs." if how_full else f"{step}."
        received = Phrase(("nothing" if strategy is None else quoted(str(strategy))) + how_full)
        yield Problem("rotate_strategy", received, "a strategy that makes room", hint)


@check("PV310", "The policy of a version does not exist", source=PAGE, basis=Basis.PAGE)
def no_such_policy(name: str) -> Problems:
    """A version needs a custom policy of the account. At plan the provider asks whether there is one. It
    cannot know that the same run creates one first, unless `policy_name` is a value that only the new policy
    has, such as its `id`."""
    hint = (
        "Correct the name, or create the policy. If this run creates it first, refer to its id: "
        "policy_name = alipolicy_policy.NAME.id."
    )
    yield Problem("policy_name", name, "a custom policy of this account", hint)


@check("PV312", "The document of a policy is not in force", source=PAGE)
def not_in_force(versions: tuple[str, str]) -> Problems:
    """A version that no resource of the state has made is the default version of the policy: what the
    resource of the policy says is not what takes effect. The provider leaves the default version alone, which
    may have been chosen in an emergency."""
    default, own = versions
    hint = (
        f"If {own} is to take effect again, make it the default version (SetDefaultPolicyVersion); if not, "
        f"import {default} as an alipolicy_policy_version."
    )
    received = Phrase(f"{default} is the default version, made outside")
    yield Problem("policy_document", received, f"{own} as the default version", hint)


CHECKS = checks_of(globals())
"""Every check of a plan, by code."""
