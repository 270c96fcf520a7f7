"""What the pages of `docs/provider/` say beside the schemas: Markdown, section by section."""

from __future__ import annotations

from typing import NamedTuple

# ------------------------------------------------------------ the provider

INSTALLING = """
It needs Terraform 1.5 or newer, or OpenTofu, and Python 3.11 or newer. The provider is a Python package,
and in no registry: its address has a host that no registry can serve.

```shell
pip install "alipolicy[provider]"
alipolicy provider install --write   # `alipolicy provider uninstall` undoes it
terraform init
```

`install` puts the provider into a folder that Terraform takes providers from (a filesystem mirror) and
merges its block into the CLI configuration; without `--write` it only prints the block. `cdktf deploy`
also needs `TF_CLI_ARGS_providers_lock=-fs-mirror=$HOME/.local/share/alipolicy/mirror` in its environment:
it asks a registry otherwise.

Without an account the same files run against a local cloud:

```shell
pip install "alipolicy[provider,local-cloud]"
alipolicy sandbox -- sh -c 'terraform init && terraform apply'
```

~> The provider has been run against the local cloud of this package, and never against a live account.
"""

CONFIGURATION = """
## Configuration

Each argument is looked up on its own: in the `provider` block, then in the environment, then in the
profile of the aliyun CLI, where one is named. The first place that has a value counts; an empty text and
`0` are none. Names, variables and precedence are those of the official provider, aliyun/alicloud.
"""

CREDENTIALS = """
`assume_role` stands in its block, or in a profile of the mode `RamRoleArn`; the variables fill a block
in, and do not stand for one. For `profile` the file `~/.aliyun/config.json` is read, or
`shared_credentials_file`; its mode has to be one of {modes}.

An endpoint is a host, with its port if need be. With `http://` or `https://` in front that holds for
this endpoint; else `protocol` does. RAM has one endpoint for all regions; Cloud Backup and STS have one
for each.

Keys are looked for nowhere else: the provider knows no default chain and no metadata service. Secrets
are written into no log, no error and no state. Better than in a file they are in the environment:

```shell
export ALIBABA_CLOUD_ACCESS_KEY_ID=… ALIBABA_CLOUD_ACCESS_KEY_SECRET=…
```

A call that is throttled, cut off or answered with a server error is repeated, with growing pauses, until
`max_retry_timeout` or the timeout of the operation. A create is sent again only once it is sure that the
first made nothing: neither API has a token against doing it twice, so the provider looks for what may
have come into being, and takes that. What it is about to create it notes in `.terraform/alipolicy`
(`TF_DATA_DIR`), names and dates but no documents and no secrets: where a run was killed, the next one knows
what it left. Where Terraform was killed while it wrote a local state, and left it empty, the provider says so
instead of creating everything a second time, and how to go on from the backup. It is started by a plan or an
apply: a `terraform destroy` would take the empty state for nothing to destroy.
"""

PERMISSIONS = """
## Permissions

What the provider calls, and what RAM has to permit for that. A plan reads; only an apply writes.
"""

RISKS = """
-> Whoever may make versions of a policy that is attached to themselves may allow themselves anything.
Name the policies, none of them one that governs whoever runs Terraform.

With `assume_role` the role needs the document above, and its trust policy the user or role behind the
access key. That one needs nothing but:
"""

UNCERTAIN = """
Where RAM limits bite:

- Cloud Backup authorises operations as a whole: who may change one backup policy may change and delete
  all of the account. There is no ARN to limit it to.
- A policy has at most 5 versions, which cannot be raised, and a document at most 6,144 bytes.
- By a report, many changes of RAM in a short time are refused with `NoPermission` for up to a minute. The
  provider takes that for what it says, and fails: apply again.
- An account itself (its root key) cannot assume a role; only a RAM user or a role can.

The actions and resources are those that the page of each operation lists under "RAM authorization". None
was tried on a live account. Not documented, and so uncertain: whether the first policy for ECS instances
needs permission to make a service-linked role.
"""

MOVED = """
## Moving from aliyun/alicloud

With Terraform 1.8 or newer, a `moved` block takes over a policy that the official provider made. Give the
resource its new type, whose arguments have the same names, and say from where it comes. Nothing in the
cloud changes.
"""


# ------------------------------------------------------------ resources and data sources


class Text(NamedTuple):
    """What a page says beside the schema.

    * `before`, `after`: sections around the examples and the schema.
    * `import_id`: by what it is imported, and what that leaves open.
    """

    subcategory: str
    before: str = ""
    after: str = ""
    import_id: str = ""


BACKUP_POLICY = Text(
    subcategory="Cloud Backup",
    before="""
A policy is rules: `BACKUP` says when data is backed up, `TRANSITION` how long backups are kept,
`REPLICATION` where copies go, `TAG` what is backed up, `SECURITY` that backups are locked.
""",
    after="""
## What a plan tells

- Values that the API cannot take are errors, beside the argument (`BP1xx` of the
  [findings](../../findings.md#backuppolicy)). What contradicts the documentation (`BP2xx`) or is risky
  (`BP3xx`) is a warning: the live API was seen to take some of the former. Values that are known only
  after an apply are not judged.
- A retention that becomes shorter is a warning that names both: backups that are older are deleted.
- Another `policy_type` destroys the policy and makes another, which is bound to nothing.

All else is changed in place. The service replaces the list of rules as a whole; a rule keeps its
`rule_id` where it stays what it is, wherever it moves.

## What a refresh tells

The service tells `0`, an empty text, an empty list or `false` for what is not set; none of them is a
change. What was changed elsewhere is, and a policy that was deleted elsewhere is planned anew.

## Destroy

The policy is deleted, and with that detached from every data source: nothing is backed up by it any more.
For `UDM_ECS_ONLY` the service deletes later than it answers; the provider waits until the policy is gone,
at most `timeouts.delete`.
""",
    import_id="By the policy's id.",
)

POLICY_VERSION = Text(
    subcategory="RAM",
    before="""
The policy itself exists already, made in the console or by another configuration, and is attached to
whom it is for. A version is staged (`set_as_default = false`, the default): it is there, and governs
nobody. Then it is put in force, and with `false` again it gives that back to the version that was in
force before. A policy has at most five versions.
""",
    after="""
## What a plan tells

- A document or an argument that RAM cannot take is an error (`PV1xx` of the
  [findings](../../findings.md#policyversion)). What contradicts the documentation (`PV2xx`) or is risky
  (`PV3xx`), such as a statement that allows everything, is a warning.
- Where the policy has five versions already, a warning says which one makes room for the new one and is
  deleted, or that RAM will refuse the sixth.
- Where the version is to be out of force, and no version is left that was in force before it, the plan
  fails, and says what to do.
- A destroy of the version in force warns which version will be in force again.

A changed document makes a new version in place; the old one stays for a way back. Order, repetition and
formatting of a document are no change. A document is sent in one canonical form, without white space.

## What a refresh tells

A version that was deleted or rotated away elsewhere is planned anew. Where another version was put in
force elsewhere, `set_as_default` is planned to change.

## Destroy

All versions that this resource made are deleted, and no others. Where one of them is in force, the
version that was in force before them gets that back first, and Terraform says so. Where there is none,
nothing is changed, and the error says what can be done: put another version in force, or `terraform
state rm`.
""",
    import_id="""\
By the name of the policy and the id of the version, with a colon between. RAM does not tell
`rotate_strategy`: the first apply notes it, and calls nothing. Of a version that is in force already it is
not known which one was before: put another in force before you destroy it.""",
)

BACKUP_POLICIES = Text(
    subcategory="Cloud Backup",
    before="""
Without arguments it finds all policies of the region, page by page. To find none is no error: the lists
are empty.
""",
)

POLICY_VERSIONS = Text(
    subcategory="RAM",
    before="""
System policies are found too, with `policy_type = "System"`. A policy that does not exist is an error.
""",
)

OF_TYPE = {
    "alipolicy_backup_policy": BACKUP_POLICY,
    "alipolicy_policy_version": POLICY_VERSION,
    "alipolicy_backup_policies": BACKUP_POLICIES,
    "alipolicy_policy_versions": POLICY_VERSIONS,
}
