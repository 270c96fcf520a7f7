"""The guide to the plugin protocol: which of its calls the provider answers, which not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.docs.front_matter import front_matter


class Answered(NamedTuple):
    """A call that is answered. `since`: the first Terraform that makes it."""

    since: str
    what: str


class Unanswered(NamedTuple):
    """Calls that are not, for one reason."""

    since: str
    calls: tuple[str, ...]
    why: str


FROM_THE_START = "1.5 and older"

ANSWERED = {
    "GetMetadata": Answered("none yet", "the names of all that follows"),
    "GetProviderSchema": Answered(FROM_THE_START, "what the pages of the provider list"),
    "ValidateProviderConfig": Answered(FROM_THE_START, "errors at the argument; needs no credentials"),
    "ConfigureProvider": Answered(FROM_THE_START, "finds the credentials; makes no connection"),
    "StopProvider": Answered(FROM_THE_START, "begins nothing new, and says what is left; 20 seconds' grace"),
    "ValidateResourceConfig": Answered(FROM_THE_START, "the findings BP, BV, BB, PV and PA"),
    "UpgradeResourceState": Answered(FROM_THE_START, "states of older versions; refuses newer ones"),
    "ReadResource": Answered(FROM_THE_START, "the object as it is, written as the configuration wrote it"),
    "PlanResourceChange": Answered(FROM_THE_START, "what changes, and what a destroy takes along"),
    "ApplyResourceChange": Answered(FROM_THE_START, "creates once, updates, deletes"),
    "ImportResourceState": Answered(FROM_THE_START, "by id; since Terraform 1.12 by identity, too"),
    "ValidateDataResourceConfig": Answered(FROM_THE_START, "errors at the argument"),
    "ReadDataSource": Answered(FROM_THE_START, "what is there, all pages of it"),
    "MoveResourceState": Answered("1.8", "`moved` from the resources of aliyun/alicloud"),
    "GetFunctions": Answered("1.8", "the functions; Terraform reads them with the schema"),
    "CallFunction": Answered("1.8", "`provider::alipolicy::…`"),
    "GetResourceIdentitySchemas": Answered("1.12", "the identity of each resource"),
    "UpgradeResourceIdentity": Answered("1.12", "identities of older versions; there is one version so far"),
    "ValidateListResourceConfig": Answered("1.14", "errors in the `config` of a list"),
    "ListResource": Answered("1.14", "`terraform query`: page by page, up to the limit"),
    "GenerateResourceConfig": Answered("1.14", "`-generate-config-out`, without defaults"),
}

UNANSWERED = (
    Unanswered(
        "1.10",
        (
            *("ValidateEphemeralResourceConfig", "OpenEphemeralResource", "RenewEphemeralResource"),
            "CloseEphemeralResource",
        ),
        "There is no ephemeral resource: nothing that the provider makes or reads is a secret.",
    ),
    Unanswered(
        "1.14",
        ("ValidateActionConfig", "PlanAction", "InvokeAction"),
        "There is no action: all that the provider does to an object is a change of its resource, which a "
        "plan shows before, and a review reads.",
    ),
    Unanswered(
        "only experimental builds",
        (
            *("ValidateStateStoreConfig", "ConfigureStateStore", "ReadStateBytes", "WriteStateBytes"),
            *("LockState", "UnlockState", "GetStates", "DeleteState"),
        ),
        "The provider stores no states: those are the backend's, such as OSS by the `oss` backend.",
    ),
)

_INTRODUCTION = """
The provider speaks version 6 of Terraform's plugin protocol, by gRPC over a local socket. Of the {all} calls
that the protocol has in Terraform 1.15 (6.10) it answers {answered}; the other {unanswered} get
`UNIMPLEMENTED`, as the protocol wants it, and no Terraform makes them, since the schema offers nothing that
they are for.
`make e2e` runs the Terraform of the machine against it, and for identities and lists Terraform 1.15.5.

| with Terraform | there is |
|---|---|
| 1.5 | resources, data sources, `import` by id |
| 1.8 | functions, `moved` from aliyun/alicloud |
| 1.12 | `import` by identity |
| 1.13 | the identity of each object, kept in the state |
| 1.14 | `terraform query`; generated configurations without what excludes each other |

An older Terraform is told nothing of what it does not know, and the schemas are the same for all. Terraform
1.12 would refuse an identity that changes, as that of an `alipolicy_policy_version` does with each new
document: so identities are kept from 1.13 on. The version that a Terraform says it has decides; OpenTofu
counts by its own.
"""

_CAPABILITIES = """
## Capabilities

What the provider says it can do: `plan_destroy` (it is asked before a destroy),
`get_provider_schema_optional` (Terraform asks one process for the schema, not each), `move_resource_state`,
`generate_resource_config`.

What Terraform says it can do, and the provider makes no use of:

- `deferral_allowed`: nothing is deferred. Where the provider's own configuration depends on what only an
  apply makes known, reading an existing object is an error that says what to apply first; new ones are
  planned.
- `write_only_attributes_allowed`: no argument of a resource is a secret, so none is write-only. Credentials
  are arguments of the provider alone, which no state holds.

## Identities

An identity is what the id for an import holds, by name, with the account and, for Cloud Backup, the region.
It comes with the answers to a read, a plan, an apply, an import and a `moved`. Terraform moves before it
configures the provider: then the account and the region are null, and the next read fills them in. So it does
where the account could not be asked for (STS was not reached). All else of what is stored does not change
while the object is the same.
"""


def protocol_page() -> str:
    source = "tests/docs/protocol_page.py"
    title, description = "Protocol", "Which calls of Terraform's plugin protocol are answered, and which not."
    return "\n".join([*front_matter(title, "", description, source), *_body()]) + "\n"


def _body() -> Iterator[str]:
    unanswered = sum(len(group.calls) for group in UNANSWERED)
    counts = {"all": len(ANSWERED) + unanswered, "answered": len(ANSWERED), "unanswered": unanswered}
    yield "# Protocol"
    yield from _INTRODUCTION.format(**counts).rstrip().splitlines()
    yield ""
    yield "## What is answered"
    yield ""
    yield "| call | since Terraform | |"
    yield "|---|---|---|"
    for name, call in ANSWERED.items():
        yield f"| `{name}` | {call.since} | {call.what} |"
    yield ""
    yield "## What is not answered"
    yield ""
    yield "| calls | since Terraform | why |"
    yield "|---|---|---|"
    for group in UNANSWERED:
        yield f"| {', '.join(f'`{name}`' for name in group.calls)} | {group.since} | {group.why} |"
    yield from _CAPABILITIES.rstrip().splitlines()
