"""What the pages of the provider say beside the schemas: Markdown, section by section."""

from __future__ import annotations

from typing import NamedTuple

# ------------------------------------------------------------ the provider

INSTALLING = """
It needs Terraform 1.5 or newer, or OpenTofu, and Python 3.11 or newer. The provider is a Python package
and comes from no registry: the host in its address exists nowhere. `make dist` in a checkout builds it for
machines without Python, see the guide "The provider without Python".

```shell
pip install "alipolicy[provider]"    # or from a checkout: pip install ".[provider]"
alipolicy provider install --write   # `alipolicy provider uninstall` undoes it
terraform init
```

`install` puts the provider into a folder that Terraform installs providers from (a filesystem mirror) and
adds a block for it to the CLI configuration. Without `--write` it only prints the block. `cdktf deploy`
also needs `TF_CLI_ARGS_providers_lock=-fs-mirror=$HOME/.local/share/alipolicy/mirror` in its environment:
otherwise it asks a registry.

Without an account, the same files run against a local cloud:

```shell
pip install "alipolicy[provider,local-cloud]"
alipolicy sandbox -- sh -c 'terraform init && terraform apply'
```

~> The provider has been run against the local cloud of this package, never against a live account.
"""

CONFIGURATION = """
## Configuration

Each argument is looked up on its own: in the `provider` block, then in the environment, then in the
profile of the aliyun CLI, where one is named. The first value found is used; an empty string and `0` count
as not set. Names, variables and precedence are those of the official provider, aliyun/alicloud.
"""

CREDENTIALS = """
A role is assumed where the block `assume_role` or a profile of the mode `RamRoleArn` says so. The
variables only fill in what the block leaves out; they do not replace it. Profiles are read from
`~/.aliyun/config.json` or `shared_credentials_file`; the mode must be one of {modes}.

An endpoint is a host, with a port where needed. A leading `http://` or `https://` sets the protocol of this
endpoint; otherwise `protocol` applies. RAM has one endpoint for all regions; Cloud Backup and STS have one
per region.

Credentials come from nowhere else: there is no default credential chain and no metadata service. Secrets
are never written to a log, an error or the state. Keep them in the environment rather than in a file:

```shell
export ALIBABA_CLOUD_ACCESS_KEY_ID=… ALIBABA_CLOUD_ACCESS_KEY_SECRET=…
```

A call that is throttled, cut off or answered with a server error is retried, with growing pauses, until
`max_retry_timeout` or the timeout of the operation. Neither API offers an idempotency token, so a create
is only sent again once it is certain that the first one created nothing: the provider looks for the object
that may exist by now, and adopts it. Before a create it writes an entry to its journal in
`.terraform/alipolicy` (`TF_DATA_DIR`), with names and dates but no documents and no secrets. If the run is
killed, the next one knows what it left behind.

If Terraform is killed while it writes a local state and leaves the file empty, a plan or an apply reports
an error instead of creating everything a second time, and says how to continue from the backup.
`terraform destroy` gives no such warning: it takes an empty state for nothing to destroy.
"""

PERMISSIONS = """
## Calls

What an account waits for, and throttles. For a backup policy:

* refresh: `DescribePoliciesV2`, after ten of them once for 100 policies; the plan of a new one: nothing;
* create: `CreatePolicyV2`, `DescribePoliciesV2`;
* plan of a destroy: the same as a refresh, for how many sources it backs up;
* destroy: `DeletePolicyV2`, and `DescribePoliciesV2` until it is gone unless its type is `STANDARD`.

For a vault:

* refresh: `DescribeVaults`; the plan of a new one: nothing;
* create: `CreateVault`, `DescribeVaults` until it can be used, `TagResources` where it has tags;
* plan of a destroy: `DescribeVaults`, and `DescribePoliciesV2` where it holds recovery points;
* destroy: `DescribeVaults`, for what it holds, and `DeleteVault`.

For a binding:

* refresh: `DescribePolicyBindings`; the plan of a new one: `DescribePoliciesV2`, once for all, for the type
  of a policy that is there already;
* create: `CreatePolicyBindings`, `DescribePolicyBindings`;
* destroy: `DeletePolicyBinding`.

For a policy version:

* refresh: `ListPolicyVersions`, once for all versions of a policy;
* plan of a new one: `ListPolicyVersions`, for whether there is room and which version stops being default;
  not where the run creates the policy first;
* create: `ListPolicyVersions`, so that a lost answer makes no second version; `CreatePolicyVersion`; and
  `GetPolicyVersion`, for the document to fall back to;
* plan of a destroy: `ListPolicyVersions`, for which version takes over;
* destroy: `ListPolicyVersions`, `SetDefaultPolicyVersion` where it is the default, `DeletePolicyVersion`.

For a policy of RAM:

* refresh: `GetPolicy`, `ListTagResources`;
* create: `GetPolicy`, so that none is taken for its own that was there before; `CreatePolicy`; and
  `GetPolicy` until it is seen, so that what is attached next finds it;
* plan of a changed document: `ListPolicyVersions`, for whether there are versions of others;
* plan of a destroy: `ListPolicyVersions`, and `ListEntitiesForPolicy` where somebody has it, for what stays
  in its way;
* destroy: `DeletePolicy`.

For an attachment:

* refresh: `ListEntitiesForPolicy`, once for all attachments of a policy;
* plan of a new one of a system policy: `GetPolicy`, once for all, for whether there is one;
* create: `AttachPolicyTo…`; destroy: `DetachPolicyFrom…`.

Besides, a run lists the backup policies before it creates some, and an apply asks STS once for the account
(`GetCallerIdentity`), so that the journal knows whose objects it holds; so does a plan with an attachment, or
with a version that is to be the default, where Terraform has started another provider as well: two aliases of
one account may want the same. Terraform 1.13 and newer keep the identity of each object, with its account:
where the state has none yet, a refresh or an import asks, too.

## Permissions

What the provider calls, and what RAM must allow for it. A plan only reads; an apply also writes.
"""

RISKS = """
-> Whoever may create versions of a policy that is attached to themselves can grant themselves anything.
Name the policies, and none that governs whoever runs Terraform.

With `assume_role`, the role needs the document above, and its trust policy must name the user or role that
the access key belongs to. That user or role needs only:
"""

UNCERTAIN = """
Limits of RAM and Cloud Backup to know about:

- Cloud Backup authorizes operations as a whole: whoever may change one backup policy may change and delete
  all of the account. There is no ARN to limit it to.
- A policy has at most 5 versions, a limit that cannot be raised; a document has at most 6,144 bytes.
- According to one report, RAM answers `NoPermission` for up to a minute after many changes in a short
  time. The provider does not retry that, and fails: apply again.
- The root user of an account cannot assume a role; only a RAM user or a role can.

Actions and resources are those that the page of each operation lists under "RAM authorization". None has
been tried on a live account. One thing is not documented: whether the first policy for ECS instances needs
permission to create a service-linked role.
"""

MOVED = """
## Moving from aliyun/alicloud

With Terraform 1.8 or newer, a `moved` block takes over what the official provider created. Change
the type of the resource, keep its arguments (their names are the same), and add the block. Nothing changes
in the cloud.
"""

FUNCTIONS = """
Terraform 1.8 or newer calls it, in `terraform console` too; no credentials are needed. Where an argument is
known only after an apply, so is the value. In CDKTF, write the call as a string:
`"${provider::alipolicy::…}"`.
"""

MORE_EXAMPLES = {
    "document_split": {
        "policies.tf": """
## Policies that keep what they hold

The documents become policies, which are found again by their tag: what they hold so far stays there. So one
more statement changes two of them at most, wherever it is written.
"""
    }
}
"""Further files of the example of a function, each with what it shows."""


LISTS = """
`terraform query` (Terraform 1.14 or newer) shows what there is, and changes nothing. A list stands in a file
`….tfquery.hcl` beside the configuration, its arguments in a block `config`. To bring what it finds under
Terraform's care:

```shell
terraform query -generate-config-out=generated.tf
terraform plan
```

The first writes a resource for each object, an [`{type_name}`](../resources/{page}.md), and its
`import` block; the plan then imports them, and has nothing to add, to change or to destroy. What means the
same left out is left out. Without `limit`, Terraform lists 100; where there are more, a warning says so. Of
the API's pages, only those are read that the limit needs.
"""

# ------------------------------------------------------------ resources and data sources


class Text(NamedTuple):
    """What a page says beside the schema.

    * `before`, `after`: sections around the examples and the schema.
    * `import_id`: by what it is imported, and what an import cannot know.
    * `listed`: what its list has to say.
    """

    subcategory: str
    before: str = ""
    after: str = ""
    import_id: str = ""
    listed: str = ""


BACKUP_POLICY = Text(
    subcategory="Cloud Backup",
    before="""
A policy consists of rules: `BACKUP` says when data is backed up, `TRANSITION` how long backups are kept,
`REPLICATION` where copies go, `TAG` what is backed up, `SECURITY` that backups are locked.
""",
    after="""
## What a plan reports

- A value that the API cannot take is an error at its argument (`BP1xx` of the
  [findings](../guides/findings.md#backuppolicy)). A value that contradicts the documentation (`BP2xx`) or
  is risky (`BP3xx`) is a warning: the live API was seen to accept some of the former. `acknowledge` silences
  it, with a reason. Values that are only known after an apply are not checked.
- A shorter retention is a warning that names both: older backups are deleted.
- A different `policy_type` destroys the policy and creates another one, which no data source is bound to.

Everything else is updated in place. The service replaces the whole list of rules; a rule that stays the
same keeps its `rule_id`, wherever it moves in the list. What the service says of a rule and this resource has
no argument for is sent again with the rule of the same `rule_id`, and stays. `ColdArchiveDays`, which only
an update takes, is an exception where the service does not return it: then an update cannot keep it.

## Acknowledge a warning

```terraform
resource "alipolicy_backup_policy" "nightly" {
  acknowledge = { BP309 = "its BACKUP rule has a retention of its own" }
  # ...
}
```

The reasons stay in the state, and `alipolicy review` lists them and names each change of them. An update of
them alone calls no API. A code that no check of this resource has, one of an error (`BP1xx`) and an empty
reason are errors.

## What a refresh reports

The service returns `0`, an empty string, an empty list or `false` for what is not set; none of them is a
change. A change made elsewhere is reported, and a policy that was deleted elsewhere is planned again.

## Destroy

The policy is deleted and detached from every data source, which it no longer backs up. For `UDM_ECS_ONLY`
the service answers before the policy is gone; the provider waits for that, at most `timeouts.delete`.
""",
    import_id="By the policy's id.",
)

POLICY_VERSION = Text(
    subcategory="RAM",
    before="""
The policy itself already exists, created in the console or by an `alipolicy_policy`, and is attached to the
users, groups or roles it is for. `set_as_default = false`, the default, stages a version: it exists,
but does not take effect. `true` makes it the default version, the only one that takes effect; back to
`false` makes the previous default version the default again. A policy has at most five versions.

One version is the default. Two resources of one policy that both want to be it would take turns, at each
apply. What says so depends on where the two are:

- In one stack of Python: an error at synth, under whichever aliases.
- In one plan, under whichever aliases of the account: an error at plan, and in a review (`RV223`). Two
  aliases are two processes, which tell each other on Linux only, and where neither is configured by what a
  resource or a data source says; else each later plan warns whose version has taken the place. In
  `terraform test` two aliases are not compared, and nothing is where the test file configures the provider.
- In two states: each plan warns, once the other has been applied.
""",
    after="""
## What a plan reports

- A document or an argument that RAM cannot take is an error (`PV1xx` of the
  [findings](../guides/findings.md#policyversion)). What contradicts the documentation (`PV2xx`) or is risky
  (`PV3xx`), such as a statement that allows everything, is a warning, which `acknowledge` silences.
- A policy that does not exist (yet) is a warning (`PV310`). If the same run creates it first, refer to its
  `id`, which is known only then: `policy_name = alipolicy_policy.readers.id`.
- The versions of the policy are counted, those of other resources too. If it has five already, a warning says
  which one will be deleted to make room, or that RAM will refuse the sixth (`PV304`).
- If the version is to give up being the default and no earlier default version is left, the plan fails and
  says what to do.
- The destroy of the default version is a warning that says which version will be the default instead.

A changed document creates a new version; the resource is updated in place and the old version stays, as a
way back. Order, repetition and formatting of a document are no change. A document is sent in one canonical
form, without white space.

## Acknowledge a warning

```terraform
resource "alipolicy_policy_version" "readers" {
  acknowledge = { PV304 = "old versions are deleted by hand" }
  # ...
}
```

The reasons stay in the state, and `alipolicy review` lists them and names each change of them. An update of
them alone calls no API and makes no version. A code that no check of this resource has, one of an error
(`PV1xx`) and an empty reason are errors.

## What a refresh reports

A version that was deleted or rotated out elsewhere is planned again. If another version was made the
default elsewhere, a change of `set_as_default` is planned.

## Destroy

All versions that this resource created are deleted, and no others. If one of them is the default, the
version that was the default before them becomes the default again first, and the plan says which. Where the
policy has no other version, its default version stays, since no policy can be without one: the plan says so,
and what that version allows stays allowed. Where there are others, but none that was the default before, the
plan fails: it offers the newest of them by name, and never chooses one silently. `skip_destroy = true`,
applied before the destroy, leaves all versions as they are. The same holds for what a new `policy_name`
replaces.
""",
    import_id="""\
By the name of the policy and the id of the version, separated by a colon. RAM does not return
`rotate_strategy`, and knows no `acknowledge`: the first apply records them without calling the API. If the
imported version is the default already, it is not known which one was the default before: make another
version the default before you destroy it, or set `skip_destroy`.""",
    listed="""
One call of `ListPolicyVersions` for each policy, and one of `GetPolicyVersion` for each document, where
documents are asked for. An [`alipolicy_policy`](../resources/policy.md) owns the version of its document:
beside it, take over the others only, with `is_default_version = false`.
""",
)

POLICY = Text(
    subcategory="RAM",
    before="""
The policy is created with its first version, `v1`, which takes effect wherever the policy is attached. Three
resources share the work, and none takes from another what is its own:

| resource | what it owns |
|---|---|
| `alipolicy_policy` | its name, description and tags, and the version that holds its `policy_document` |
| [`alipolicy_policy_version`](policy_version.md) | a further version, and whether that is the default |
| [`alipolicy_policy_attachment`](policy_attachment.md) | that one user, group or role has the policy |

As long as the version of this resource is the only one, a changed `policy_document` makes the next version,
which becomes the default version, and deletes the one before it. Once another version is there, made by an
`alipolicy_policy_version` or by hand, a change is refused at plan: the new document belongs into an
`alipolicy_policy_version`, which can be staged, promoted and rolled back. If another version is the default
version, this resource plans nothing: `default_version` says which one takes effect, `version_id` which one
holds `policy_document`. A version that gives up being the default version gives it back to this one.
""",
    after="""
## What a plan reports

- A document, a name, a description or tags that RAM cannot take are an error (`PV1xx` of the
  [findings](../guides/findings.md#policyversion)). What contradicts the documentation (`PV2xx`) or is risky
  (`PV3xx`) is a warning, which `acknowledge` silences.
- A changed document where the policy has other versions is an error that names them.
- A default version that no resource of the state has made is a warning (`PV312`). It is left alone: somebody
  may have chosen it in an emergency. This is known where the state is a local file.
- A destroy that RAM would refuse is an error: see below.

A changed description and changed tags are changed in place. RAM takes no empty description, so that one which
is left out stays as it is. Tags whose keys begin with `aliyun` or `acs:` are Alibaba Cloud's own, and are
left alone.

## Destroy

The policy goes with the version that this resource made. If somebody has it, or if it has versions of others,
nothing is changed, and an error says who and which. What is in the same local state may be destroyed first,
in the same run: then the plan does not count it. With a remote state that is not known: the plan warns, and
the apply refuses what is left. `force_destroy = true`, applied before the destroy, detaches the policy from
all who have it and deletes all of its versions; the plan lists them. The same holds for what a new
`policy_name` replaces.
""",
    import_id="""\
By the name. The default version of now is taken for the one that holds `policy_document`; the others belong
to nobody, until an `alipolicy_policy_version` imports them. The same holds for a `moved` block: the official
resource keeps up to four versions that were the default before, and its `force` becomes `force_destroy`.""",
    listed="""
Documents are looked up, one call of `GetPolicy` for each policy, only with `include_resource` or where a
configuration is generated. The default version of now is taken for the one that holds `policy_document`.
""",
)

POLICY_ATTACHMENT = Text(
    subcategory="RAM",
    before="""
One resource attaches one policy to one user, one group or one role. Every argument makes another attachment.
Attachments of others to the same policy, or of other policies to the same principal, are left alone.
""",
    after="""
## What a plan reports

- Names that RAM cannot take, and anything but exactly one of `user_name`, `group_name` and `role_name`, are
  an error (`PA1xx` of the [findings](../guides/findings.md#policyattachment)). The system policy
  `AdministratorAccess` is a warning (`PA301`), which `acknowledge` silences.
- A system policy that does not exist is an error at plan: unlike a custom one, no run creates it.
- What was detached elsewhere, and what lost its policy, user, group or role, is planned again.

## What an apply does

A policy, a user, a group or a role that was created a moment ago may not be known everywhere in RAM: that it
is missing is believed only after ten seconds. What is attached already, by hand, by another configuration or
by a run that was killed, is taken over, and a warning says so.

## Destroy

The policy is detached, whoever attached it. What is detached already is no error.
""",
    import_id="""\
By `<kind>:<name>:<policy_type>:<policy_name>`, where kind is `user`, `group` or `role`, and the type `Custom`
or `System`.""",
    listed="""
One call of `ListEntitiesForPolicy` for each policy that somebody has; with `policy_name` for that one alone.
""",
)

BACKUP_VAULT = Text(
    subcategory="Cloud Backup",
    before="""
Policies of type `STANDARD` back up into a vault, which is in the region of the provider. With
`replication_source_region_id` and `replication_source_vault_id` it mirrors a vault of another region: it
holds copies of all its backups, and nothing else.
""",
    after="""
## What a plan reports

- A value that the API cannot take is an error at its argument (`BV1xx` of the
  [findings](../guides/findings.md#backupvault)); what contradicts its texts (`BV2xx`) or is risky (`BV3xx`)
  is a warning, which `acknowledge` silences, with a reason.
- `worm_enabled` that is switched off is an error: an immutable vault stays immutable.
- The end of a vault that holds recovery points is a warning: how many, and until when they are kept at the
  latest, as far as the rules of the policies that use it tell.

The name, the description, `worm_enabled`, the resource group and the tags change in place. The create waits
until the vault can be used.

## What a refresh reports

A vault that was deleted elsewhere is planned again; what was changed elsewhere is planned back.

## Destroy

A vault that holds recovery points is not destroyed: the apply ends with an error, and nothing was deleted.
With `force_destroy = true`, applied before, they are deleted with it. Nobody can delete an immutable vault
before the last of them has expired. A vault that a policy uses, or that another vault mirrors, stays as well:
the error names the policies.
""",
    import_id="""\
By the vault's id. What Terraform before 1.14 generates for it (`-generate-config-out`) has a
`redundancy_type` too many, or for a replication vault a `vault_type`: an error says so; take it out.""",
)

BACKUP_POLICY_BINDING = Text(
    subcategory="Cloud Backup",
    before="""
A policy backs up what its `TAG` rules choose, and what it is bound to. One source, such as a bucket, is one
binding.
""",
    after="""
## What a plan reports

- A value that the API cannot take is an error at its argument (`BB1xx` of the
  [findings](../guides/findings.md#backuppolicybinding)); what contradicts its texts (`BB2xx`) or is risky
  (`BB3xx`) is a warning, which `acknowledge` silences, with a reason.
- A source that the policy's type does not back up is a warning, where the policy is there already.
- The end of a binding, and `disabled`, are warnings: the source is not backed up any more, or not for now.

All but the policy, the source, its account and the options for files and for a NAS on the premises changes
in place. `source`, `include` and `exclude` are lists as JSON for most types; spaces in them do not count.

## What is bound already

The service binds a source once to a policy. If the binding is there as it is asked for (an answer was lost, a
run was killed, or somebody else made it), it is taken over, with a warning. If it says something else, the
apply fails and tells how to import it; where a `TAG` rule of the policy made it, the resource is not needed.

## What a refresh reports

A binding that was removed elsewhere, with its policy or alone, is planned again. The service does not tell
whether the source itself is still there.

## Destroy

The source is taken off the policy. What becomes of the recovery points is not documented. Where the service
says that something is not found, and has the binding still, the destroy is an error: the source may be gone.
""",
    import_id="""\
By the ids of the policy, the type of the source and the source, separated by colons, as with the official
provider.""",
)

BACKUP_POLICIES = Text(
    subcategory="Cloud Backup",
    before="""
Without arguments it returns all policies of the region, page by page. Finding none is no error: the lists
are empty.
""",
)

BACKUP_VAULTS = Text(
    subcategory="Cloud Backup",
    before="""
Without arguments it returns all vaults of the region, page by page. Finding none is no error: the lists are
empty.
""",
)

BACKUP_POLICY_BINDINGS = Text(
    subcategory="Cloud Backup",
    before="""
Without arguments it returns all bindings of the region, page by page. A policy that does not exist has none,
which is no error.
""",
)

POLICY_VERSIONS = Text(
    subcategory="RAM",
    before="""
System policies are read with `policy_type = "System"`. A policy that does not exist is an error.
""",
)

POLICIES = Text(
    subcategory="RAM",
    before="""
Without arguments it returns all policies, those of Alibaba Cloud too, page by page. Finding none is no error:
the lists are empty.
""",
)

POLICY_ATTACHMENTS = Text(
    subcategory="RAM",
    before="""
A policy that nobody has is no error: the list is empty. One that does not exist is an error.
""",
)

OF_TYPE = {
    "alipolicy_backup_policy": BACKUP_POLICY,
    "alipolicy_backup_policy_binding": BACKUP_POLICY_BINDING,
    "alipolicy_backup_vault": BACKUP_VAULT,
    "alipolicy_policy_version": POLICY_VERSION,
    "alipolicy_backup_policies": BACKUP_POLICIES,
    "alipolicy_backup_policy_bindings": BACKUP_POLICY_BINDINGS,
    "alipolicy_backup_vaults": BACKUP_VAULTS,
    "alipolicy_policy_versions": POLICY_VERSIONS,
    "alipolicy_policy": POLICY,
    "alipolicy_policy_attachment": POLICY_ATTACHMENT,
    "alipolicy_policies": POLICIES,
    "alipolicy_policy_attachments": POLICY_ATTACHMENTS,
}
