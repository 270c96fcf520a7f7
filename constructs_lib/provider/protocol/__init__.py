"""A Terraform provider's half of plugin protocol 6: it knows Terraform and no cloud.

| module | what it is for |
|---|---|
| `resource` | the interface that a provider, its resources and data sources implement |
| `schema`, `types` | what they declare |
| `context`, `diagnostics` | what their operations are given, and how they report |
| `values`, `paths` | values in Python, `UNKNOWN`, attribute paths |
| `server` | `serve(load)`: the program that Terraform starts |

Behind these work `planning`, `checks` and `states`; the calls: `service`, `session`, `provider_calls`,
`resource_calls`, `identity_calls`, `list_calls`, `function_calls`; the wire: `messages`, `codec`,
`wire_schema`; the process: `transport`, `handshake`, `certificate`, `logs`.
"""
