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

`alipolicy local-cloud` prints what to export; `alipolicy sandbox` has it in the environment of its command.
Below, `HOST:PORT` is `${ALIBABA_CLOUD_ENDPOINT_HBR#http://}`. All services answer there. Signatures of
version 1.0 (HMAC-SHA1) and ACS3-HMAC-SHA256 are checked, and parameters may stand in the query or in the
form. Lists come as JSON texts, and tags, filters and lists of names also flattened (`Tag.1.Key`); rules and
bindings do not. A whole URL is understood as the target of a request, as proxies send it.

### Terraform and OpenTofu

Our provider finds the cloud by the variables. For `-generate-config-out`, Terraform 1.17 finds the provider
only if the `import` block says `provider = alipolicy`; take that out again before the apply.

The official provider reads the same variables, but wants no scheme in them, and says HTTP in its own block:

```sh
alipolicy sandbox -- sh -c '
  for service in HBR KMS RAM STS RESOURCEMANAGER; do
    export ALIBABA_CLOUD_ENDPOINT_$service="${ALIBABA_CLOUD_ENDPOINT_HBR#http://}"
  done
  terraform apply'
```

```hcl
terraform {
  required_providers {
    alicloud = { source = "registry.terraform.io/aliyun/alicloud" }
  }
}

provider "alicloud" {
  protocol = "HTTP"
}
```

Beside ours in one configuration, give it `endpoints { hbr = "HOST:PORT" … }` instead of the variables.
OpenTofu looks for `aliyun/alicloud` in a registry of its own: the full source address leads it to that of
Terraform.

### aliyun CLI

It always wants a region, and in a sandbox has to forget the role.

```sh
unset ALIBABA_CLOUD_ROLE_ARN
aliyun hbr DescribeVaults --region cn-hangzhou --endpoint HOST:PORT --insecure
```

### Python

The region is `RegionId`, or in the name of the host: without either, `cn-hangzhou`.

```python
import os

from alibabacloud_hbr20170908.client import Client
from alibabacloud_hbr20170908.models import DescribeVaultsRequest
from alibabacloud_tea_openapi.utils_models import Config

config = Config(
    access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
    access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
    endpoint=os.environ["ALIBABA_CLOUD_ENDPOINT_HBR"].removeprefix("http://"),
    protocol="http",
)
print(Client(config).describe_vaults(DescribeVaultsRequest()).body.total_count)
```

The older SDK, `aliyun-python-sdk-core`:

```python
import os

from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

keys = (os.environ[f"ALIBABA_CLOUD_ACCESS_KEY_{name}"] for name in ("ID", "SECRET"))
host = os.environ["ALIBABA_CLOUD_ENDPOINT_HBR"].removeprefix("http://")
request = CommonRequest(domain=host, version="2017-09-08", action_name="DescribeVaults")
request.set_protocol_type("http")
request.set_method("POST")
print(AcsClient(*keys, "cn-hangzhou").do_action_with_exception(request))
```

Neither heeds `NO_PROXY`: take `HTTP_PROXY` out of the environment, as a sandbox does.

### Node

Of RAM there is a client, `@alicloud/ram20150501`; of Cloud Backup there is none, and `@alicloud/openapi-core`
calls its operations by their names.

```js
const { default: Client, ListPoliciesRequest } = require("@alicloud/ram20150501");
const { $OpenApiUtil } = require("@alicloud/openapi-core");

const client = new Client(new $OpenApiUtil.Config({
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
  endpoint: process.env.ALIBABA_CLOUD_ENDPOINT_RAM.replace("http://", ""),
  protocol: "http",
}));
client.listPolicies(new ListPoliciesRequest({ policyType: "System" }))
  .then(({ body }) => console.log(body.policies.policy.length));
```

The older one, `@alicloud/pop-core`:

```js
const { RPCClient } = require("@alicloud/pop-core");

const client = new RPCClient({
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
  endpoint: process.env.ALIBABA_CLOUD_ENDPOINT_HBR,
  apiVersion: "2017-09-08",
});
client.request("DescribeVaults", { RegionId: "cn-hangzhou" }, { method: "POST" })
  .then(({ TotalCount }) => console.log(TotalCount));
```

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
