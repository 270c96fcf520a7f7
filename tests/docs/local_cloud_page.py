"""The page on the local cloud: how clients are led there, and every operation that it serves."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.localcloud.gateway import SERVICES
from constructs_lib.localcloud.policies import SYSTEM_POLICIES
from constructs_lib.localcloud.service import LocalService
from tests.docs.front_matter import front_matter

PAGE = """\
# The local cloud

A server on this machine that answers the operations below as the documentation of their services says.
Nothing is backed up, permitted or refused by it: a policy, a binding or a vault is what the API returns.
What no documentation tells is marked `uncertain:` in its source, and no client should depend on it.

```sh
alipolicy sandbox -- sh -c 'terraform init && terraform apply'  # for one command, with throw-away keys
alipolicy local-cloud                                           # until Ctrl-C; prints what to export
```

An operation that is not served is refused with `InvalidAction.NotFound`; the message, and one line on stderr,
say which it was. A filter is applied or refused, never ignored. With `--strict` a parameter that an operation
has not, or a field that a rule, a binding, a filter or a tag has not, is refused with `UnknownParameter`: the
real services ignore it, and so hide a misspelling.

## How clients get here

| client | what it needs |
|---|---|
| Terraform, OpenTofu | `alipolicy sandbox`, or what `alipolicy local-cloud` prints |
| the official provider | the same, and `protocol = "HTTP"` |
| official SDKs | `endpoint`: host and port; `protocol`: `http`; the region is `RegionId`, or in the host |
| aliyun CLI | `aliyun hbr DescribeVaults --endpoint HOST:PORT --insecure` |
| behind a proxy | nothing: a whole URL is understood as the target; the region is in its host |

Signatures of version 1.0 (HMAC-SHA1) and ACS3-HMAC-SHA256 are checked. Parameters may stand in the query or
in the form. Lists come as JSON texts or flattened (`Tag.1.Key`).

OpenTofu looks for `aliyun/alicloud` in its own registry: give the full source address,
`registry.terraform.io/aliyun/alicloud`. For `-generate-config-out`, Terraform 1.17 finds our provider only if
the `import` block says `provider = alipolicy`.

## What is served
"""


def local_cloud_page() -> str:
    title = "The local cloud"
    description = "How clients are led to the local cloud, and the operations that it serves."
    source = "constructs_lib/localcloud and tests/docs/local_cloud_page.py"
    lines = [*front_matter(title, "", description, source), PAGE]
    for service in sorted(SERVICES.values(), key=lambda service: service.name):
        lines += _service_section(service)
    names = ", ".join(f"`{name}`" for name in sorted(SYSTEM_POLICIES))
    lines += ["### System policies", "", f"Every account sees {names}.", ""]
    return "\n".join(lines)


def _service_section(service: LocalService) -> Iterator[str]:
    yield f"### {service.name}, version {service.version}"
    yield ""
    yield "| operation | parameters |"
    yield "|---|---|"
    for operation in sorted(service.operations):
        parameters = ", ".join(f"`{name}`" for name in service.parameters[operation].split())
        yield f"| {operation} | {parameters or '—'} |"
    yield ""
    by_need: dict[str, list[str]] = {}
    for operation, needs in sorted(service.not_served.items()):
        by_need.setdefault(needs, []).append(operation)
    if by_need:
        listed = "; ".join(f"{', '.join(names)} ({needs})" for needs, names in by_need.items())
        yield f"Not served, for what they need: {listed}."
        yield ""
