"""What CreatePolicy takes beside a document, and what AttachPolicyTo… takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from constructs_lib.findings import (
    Basis,
    Check,
    Finding,
    Phrase,
    Problem,
    Problems,
    check,
    intended,
    plural,
    quoted,
    what_to_write,
)
from constructs_lib.ram import checks
from constructs_lib.ram.checks import ERRORS, check_policy_version
from constructs_lib.ram.grammar import problem_of_type
from constructs_lib.ram.plan_checks import not_in_force
from constructs_lib.ram.policy import PRINCIPALS, PolicyAttachmentProps, PolicyOrigin, PolicyProps
from constructs_lib.tokens import is_token, known

PAGE = "RAM, CreatePolicy (2015-05-01), request parameters"
TAGS = "RAM, TagResources (2015-05-01), request parameters"
ATTACH = "RAM, AttachPolicyToUser, AttachPolicyToGroup, AttachPolicyToRole (2015-05-01), request parameters"
MAX_DESCRIPTION, MAX_TAGS, MAX_TAG = 1024, 20, 128
ADMINISTRATOR = "AdministratorAccess"

_RESERVED = re.compile(r"(?:aliyun|acs:).*", re.DOTALL)
_ADDRESS = re.compile(r"https?://")
_POLICY_NAME = re.compile(r"[A-Za-z0-9-]{1,128}")
_PRINCIPAL = re.compile(r"[A-Za-z0-9.@_-]{1,64}")


# ------------------------------------------------------------ policies


@check(
    "PV112", "A description of a policy has the wrong length", source=f"{PAGE}; {ERRORS}", basis=Basis.PAGE
)
def wrong_description(props: PolicyProps) -> Problems:
    """A description has 1 to 1,024 characters. RAM takes no empty one, so that it can be changed, but not
    taken away."""
    text, allowed = props.description, f"1 to {MAX_DESCRIPTION:,} characters"
    if text is None or is_token(text):
        return
    if not isinstance(text, str):
        yield problem_of_type("description", text, "a string")._replace(hint=what_to_write(text, "a string"))
    elif not text:
        yield Problem("description", text, allowed, "Leave it out: then it stays as it is.")
    elif len(text) > MAX_DESCRIPTION:
        yield Problem("description", Phrase(plural(len(text), "character")), allowed, "Shorten it.")


@check("PV113", "A tag of a policy is malformed", source=TAGS, basis=Basis.PAGE)
def malformed_tags(props: PolicyProps) -> Problems:
    """A policy has at most 20 tags. A key has 1 to 128 characters, a value at most 128; keys that begin with
    `aliyun` or `acs:` are Alibaba Cloud's own, and neither may hold `http://` or `https://`."""
    tags = props.tags
    if tags is None or is_token(tags):
        return
    if not isinstance(tags, Mapping):
        yield problem_of_type("tags", tags, "strings by key")
        return
    if len(tags) > MAX_TAGS:
        yield Problem("tags", Phrase(plural(len(tags), "tag")), f"at most {MAX_TAGS}", "Drop some.")
    for key, value in tags.items():
        path = f"tags.{key}"
        for part, text, least in (("key", key, 1), ("value", value, 0)):
            if is_token(text):
                continue
            if not isinstance(text, str):
                yield problem_of_type(path, text, "a string")._replace(hint=what_to_write(text, "a string"))
            elif not least <= len(text) <= MAX_TAG:
                received = Phrase(f"a {part} of {plural(len(text), 'character')}")
                yield Problem(
                    path, received, f"{least} to {MAX_TAG} characters", "Shorten it." if text else "Name it."
                )
            elif _ADDRESS.search(text):
                yield Problem(path, quoted(text), f"a {part} without http:// and https://", "Leave that out.")
        if isinstance(key, str) and _RESERVED.fullmatch(key):
            yield Problem(
                path, quoted(key), "a key that does not begin with aliyun or acs:", "Name it otherwise."
            )


POLICY_CHECKS = (wrong_description, malformed_tags)


def check_policy(props: PolicyProps, others: Iterable[Check] = ()) -> list[Finding]:
    """All findings on the props of one policy, in the order of their codes. `others`: what is to be checked
    besides; they look at the props."""
    own = [finding for each in (*POLICY_CHECKS, *others) for finding in each(props)]
    return sorted([*check_policy_version(props.version), *own], key=lambda finding: finding.code)


# ------------------------------------------------------------ attachments


@check("PA100", "A value of an attachment is no string", source=ATTACH, basis=Basis.PAGE)
def wrong_type(props: PolicyAttachmentProps) -> Problems:
    """All that an attachment has are names."""
    for name in ("policy_name", "policy_type", *PRINCIPALS):
        value = getattr(props, name)
        if (
            not isinstance(value, str)
            and not is_token(value)
            and (value is not None or name == "policy_name")
        ):
            yield problem_of_type(name, value, "a string")._replace(hint=what_to_write(value, "a string"))


@check("PA101", "An attachment has not exactly one principal", source=ATTACH, basis=Basis.PAGE)
def not_one_principal(props: PolicyAttachmentProps) -> Problems:
    """One attachment gives one policy to one user, one group or one role. What is not known yet may turn out
    to be none."""
    written = [name for name in PRINCIPALS if getattr(props, name) is not None]
    given = [name for name in written if not is_token(getattr(props, name))]
    if len(given) > 1 or not written:
        received = Phrase(" and ".join(given) or "nothing")
        hint = "Make an attachment for each of them." if given else "Say who gets the policy."
        yield Problem(given[1] if given else "role_name", received, f"one of {', '.join(PRINCIPALS)}", hint)


@check("PA102", "A name in an attachment is malformed", source=f"{ATTACH}; {ERRORS}", basis=Basis.PAGE)
def malformed_name(props: PolicyAttachmentProps) -> Problems:
    """A policy name has 1 to 128 letters, digits and `-`; the name of a user, a group or a role has 1 to 64
    letters, digits, `.`, `_`, `@` and `-`."""
    forms = [("policy_name", _POLICY_NAME, "1 to 128 letters, digits and -")]
    forms += [(name, _PRINCIPAL, "1 to 64 letters, digits, ., _, @ and -") for name in PRINCIPALS]
    for path, form, allowed in forms:
        name = known(getattr(props, path), str)
        if name is not None and not form.fullmatch(name):
            hint = "Write the name alone, without acs:ram::…:" if ":" in name else "Correct the name."
            yield Problem(path, name, allowed, hint)


@check("PA103", "A policy type is neither Custom nor System", source=ATTACH, basis=Basis.PAGE)
def unknown_policy_type(props: PolicyAttachmentProps) -> Problems:
    """A policy is the account's own, `Custom`, or Alibaba Cloud's, `System`. Both may have the same name."""
    text = known(props.policy_type, str)
    if text is not None and text not in tuple(PolicyOrigin):
        meant = intended(text, PolicyOrigin)
        hint = f"Did you mean {quoted(meant)}?" if meant else "Write one of these."
        yield Problem("policy_type", text, f"one of {', '.join(map(quoted, PolicyOrigin))}", hint)


@check("PA301", "A principal becomes an administrator", source=checks.CLOUD_CONFIG)
def attaches_administrator(props: PolicyAttachmentProps) -> Problems:
    """The system policy AdministratorAccess allows everything: whoever has it can do, and allow, whatever the
    account can."""
    if (
        known(props.policy_name, str) == ADMINISTRATOR
        and known(props.policy_type, str) == PolicyOrigin.SYSTEM
    ):
        hint = "Attach a policy with what is needed."
        yield Problem("policy_name", ADMINISTRATOR, "a policy that allows less than everything", hint)


ATTACHMENT_CHECKS = (
    wrong_type,
    not_one_principal,
    malformed_name,
    unknown_policy_type,
    attaches_administrator,
)


def check_policy_attachment(props: PolicyAttachmentProps, others: Iterable[Check] = ()) -> list[Finding]:
    """All findings on the props of one attachment, in the order of their codes."""
    return [finding for each in (*ATTACHMENT_CHECKS, *others) for finding in each(props)]


CODES_OF_POLICY = frozenset(each.code for each in (*checks.CHECKS, *POLICY_CHECKS, not_in_force))
CODES_OF_ATTACHMENT = frozenset(each.code for each in ATTACHMENT_CHECKS)
