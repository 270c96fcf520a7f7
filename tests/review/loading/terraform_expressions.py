"""Expressions, with the locals that they refer to: what is resolved has to be what Terraform says."""

from __future__ import annotations

from typing import Any

LOCALS: dict[str, Any] = {
    "name": "logs",
    "upper": "LOGS",
    "empty": "",
    "days": 30,
    "on": True,
    "off": False,
    "none": None,
    "digits": "7",
    "list": ["b", "a", "c", "a"],
    "numbers": [3, 1, 2],
    "mixed": ["a", 1, True],
    "nested": [["a", "b"], ["c"], []],
    "map": {"b": "2", "a": "1"},
    "object": {"name": "x", "days": 7, "tags": {"env": "prod"}, "list": [1, 2]},
    "buckets": [{"name": "one", "keep": True}, {"name": "two", "keep": False}],
    "text": 'line\nwith "quotes" & <tags> \\ and \t tab',
    "unicode": "é ü 文 \u2028",
}

EXPRESSIONS = r"""
1
-1
- 2
--3
1 + 2 * 3
(1 + 2) * 3
10 - 4 - 3
10 - 4 % 3
7 % 3
8 / 2
8 / 2 / 2
7 / 2
1.5
2.0
1e3
010
"08" + 1
"3" * "4"
-"5"
1 < 2
2 <= 2
3 > 4
4 >= 5
1 + 1 == 2
1 == "1"
"a" == "a"
"a" != "b"
true == "true"
null == null
local.none == null
local.name != null
local.list == local.list
[1] == [1]
{} == {}
true && false
true || false && false
!true
!local.on || local.on
"true" && true
1 < 2 == true
local.on ? 1 : 2
local.off ? "a" : "b"
local.on ? "a" : 1
local.on ? 1 : "a"
local.off ? 1 : "a"
local.on ? true : "a"
local.on ? [1] : ["a"]
local.on ? ["a", "b"] : []
local.on ? [1, "a"] : []
local.on ? [] : ["a"]
local.on ? { a = 1 } : { a = 2 }
local.on ? { a = 1 } : { a = "x" }
local.on ? { a = "1" } : {}
local.on ? null : "x"
local.off ? null : "x"
local.on ? local.none : 3
local.on ? local.off ? 1 : 2 : 3
"plain"
"${local.name}"
"${local.days}"
"a${local.days}b"
"a-${local.name}-${local.on}"
"$${x} and %%{ if y }"
"cost: $5 and 100%"
"\u00e9 \"quoted\" \\ \n \t"
"e\u0301"
"%{ if local.on }yes%{ else }no%{ endif }"
"x ${~ local.name ~} y"
"${"nested ${local.name}"}"
"${local.on ? "a" : "b"}"
local.name
local.object.name
local.object["name"]
local.object.tags.env
local.object["tags"]["env"]
local.object.list[1]
local.list[0]
local.list[1 + 1]
local.list.0
local.map["a"]
local.map[local.map["a"] == "1" ? "b" : "a"]
local.list["1"]
local.buckets[*].name
local.buckets.*.name
local.buckets.*.name[1]
local.object[*].name
local.none[*]
local.object.list[*]
[]
{}
[1, "a", true, null]
[
  1,
  2,
]
{ a = 1, b = "x" }
{ "a b" = 1, (local.name) = 2, "${local.name}s" = 3 }
{ a : 1, b : 2 }
{ b = 1, a = 2 }
{ a = { b = { c = [1] } } }
[for x in local.list : upper(x)]
[for i, x in local.list : "${i}-${x}"]
[for k, v in local.map : "${k}=${v}"]
[for x in local.list : x if x != "a"]
[for x in toset(local.list) : x]
[for k, v in toset(local.list) : "${k}${v}"]
[for x in local.numbers : x * 2]
[for x in [] : x]
{ for k, v in local.map : v => k }
{ for i, x in ["a", "b"] : x => i }
{ for x in local.list : x => x... }
{ for x in local.buckets : x.name => x if x.keep }
[for x in local.nested : [for y in x : "${y}!"]]
[for o in local.buckets : merge(o, { keep = true })]
upper(local.name)
lower(local.upper)
upper("é")
title("a b")
length(local.list)
length(local.map)
length("abc")
length("é")
length(toset(local.list))
join(",", local.list)
join("-", toset(local.list))
join(",", ["a"], ["b", "c"])
join(",", [1, true, "x"])
join(",", [])
split(",", "a,b,,c")
split(",", "")
split("ab", "1ab2")
concat(local.list, ["z"])
concat([1], ["a"])
flatten(local.nested)
flatten([["a", ["b"]], "c"])
flatten([toset(["b", "a"]), []])
distinct(local.list)
distinct([1, 2, 1])
distinct(["1", 1])
toset(local.list)
toset(local.numbers)
toset(["a", 1])
toset(["10", "9", "A", "a"])
toset([10, 9])
tolist(local.mixed)
tolist(toset(["b", "a"]))
tolist([1, "a"])
tomap({ a = 1, b = "x" })
tomap({ a = 1, b = 2 })
tostring(7)
tostring(true)
tostring(null)
tonumber("7")
tonumber("7.5")
tobool("true")
tobool(null)
keys(local.map)
keys(local.object)
values(local.map)
values({ a = 1, b = "x" })
merge(local.map, { c = "3" })
merge(local.map, { a = 9 })
merge({}, null, { a = 1 })
merge()
lookup(local.map, "a", "z")
lookup(local.map, "q", "z")
lookup(local.object, "name", "z")
lookup({ a = 1 }, "a", "x")
lookup({ a = "1" }, "b", 2)
contains(local.list, "a")
contains(local.list, "q")
contains([1, 2], 2)
contains([1, 2], "2")
element(local.list, 5)
coalesce("", "a")
coalesce(null, "b")
coalesce("", 1)
coalesce(null, 2, 3)
compact(["a", "", null, "b"])
compact(["a", 1])
sort(local.list)
sort(["b", "A", "a", "_", "é"])
reverse(local.list)
max(1, 5, 3)
min(4, 2)
max(local.numbers...)
range(3)
range(1, 4)
range(0)
range(3, 1)
range(1, 10, 2)
format("%s-%d", "a", 3)
format("%s", true)
format("%d%%", 50)
format("%05d", 3)
format("no verbs")
replace("a-b-c", "-", "_")
replace("abc", "/b/", "x")
replace("a.b", ".", "")
startswith("abc", "ab")
endswith("abc", "bc")
trimspace("  a b \n")
trimprefix("abc", "a")
trimsuffix("abc", "c")
trim("xxaxx", "x")
substr("abc", 0, 2)
jsonencode({ b = 1, a = [true, null, "x"] })
jsonencode(local.object)
jsonencode(local.text)
jsonencode(local.unicode)
jsonencode("\u0001 \u0008 \u000c \u007f")
jsonencode(toset(["b", "a"]))
jsonencode([])
jsonencode("")
jsonencode({ Version = "1", Statement = [{ Effect = "Allow", Action = ["oss:*"], Resource = "$${acs:x}" }] })
jsonencode({ for x in local.list : x => 1 if x != "a" })
jsonencode(tomap({ a = 1, b = "x" }))
jsonencode(1.5)
jsondecode("{\"a\": [1, 2, \"x\"], \"b\": null}")
jsondecode("{\"a\": 1.5}")
jsondecode(jsonencode(local.object)).days
jsondecode("\"é\"")
base64encode("a")
sha256("a")
try(local.name, "x")
can(local.name)
regex("a", "abc")
one(["a"])
zipmap(["a"], [1])
setunion(["a"], ["b"])
yamldecode("a: 1")
nonsensitive("a")
core::upper("a")
terraform.workspace
local.on ? local.list : local.mixed
local.on ? [for x in local.list : x] : []
local.on ? toset(["a"]) : toset([])
local.on ? tolist(["a"]) : tolist([])
[local.on ? "a" : "b", local.days]
{ (local.on ? "a" : "b") = local.days }
local.days - 1
local.digits + 1
"${local.digits + 1}"
[for k in keys(local.map) : local.map[k]]
jsonencode([for b in local.buckets : { Resource = "acs:oss:*:*:${b.name}/*" }])
/* comment */ 1
lookup(local.object, "nothing", null)
lookup({ a = 1, b = "x" }, "a", "y")
lookup({ a = 1 }, "b", null)
element(local.list, 0)
element(["a"], 7)
one([])
one(toset(["a"]))
slice(local.list, 1, 3)
slice(local.list, 0, 0)
reverse([1, 2])
zipmap(["a", "b"], ["x", "y"])
zipmap(["b", "a"], [1, "y"])
setunion(["a"], ["b", "a"])
setunion(toset(["b"]), toset(["a"]))
formatlist("%s-%s", ["a", "b"], "c")
formatlist("%s", ["a", "b"])
formatlist("%s/%d", ["a", "b"], [1, 2])
formatlist("%s", toset(["b", "a"]))
ceil(3)
floor(3)
abs(-3)
abs("4")
chomp("a\n\n")
chomp("a\r\n")
try(local.object.nothing, "x")
try(local.list[9], local.list[0])
try(local.object.nothing.more, null)
try(local.object.days, "x")
try([1][0], 2)
can(local.object.nothing)
can(local.object.days)
local.name == null
1 == null
0 % 3
1000000 * 1000000000
1000000 * 1000000001
123456789012345
{ "1" = "x" }[1]
{ "true" = "x" }[true]
try({ "1" = "x" }[1], "y")
try({ "true" = "x" }[true], "y")
try(try(local.object.nothing), "x")
replace("a/b", "/", "-")
contains([["a"]], ["a"])
length(range(1024))
tolist([[1], [2]])
tolist([])
local.buckets [*].name
[
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
  22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42,
]
(-1 - -2 - -3 - -4 - -5 - -6 - -7 - -8 - -9 - -10 - -11) - (-1 - -2 - -3 - -4 - -5 - -6 - -7 - -8 - -9 - -10)
[["a"], ["b"]][*][0]
""".strip("\n")

NOT_COMPUTED = """
7 / 2
1.5
2.0
1e3
1 == "1"
true == "true"
local.list == local.list
[1] == [1]
{} == {}
local.on ? 1 : "a"
local.on ? true : "a"
local.on ? [1] : ["a"]
local.on ? [1, "a"] : []
local.on ? { a = 1 } : { a = "x" }
"%{ if local.on }yes%{ else }no%{ endif }"
"x ${~ local.name ~} y"
{ for x in local.list : x => x... }
upper("é")
title("a b")
length("é")
tonumber("7.5")
lookup({ a = "1" }, "b", 2)
contains([1, 2], "2")
contains([["a"]], ["a"])
coalesce("", 1)
compact(["a", 1])
range(3, 1)
range(1, 10, 2)
format("%05d", 3)
replace("abc", "/b/", "x")
trim("xxaxx", "x")
substr("abc", 0, 2)
jsonencode(1.5)
jsondecode("{\\"a\\": 1.5}")
base64encode("a")
sha256("a")
regex("a", "abc")
yamldecode("a: 1")
terraform.workspace
local.on ? local.list : local.mixed
1000000 * 1000000001
""".strip("\n").splitlines()
"""Of these, which have no value here although Terraform has one."""

REFUSED = (
    "local.buckets[*].name[0]",
    "local.nested[*][5]",
    "concat()",
    'format("%s", [1])',
    'format("%d")',
    "local.on ? local.map : local.object",
    "local.nothing",
    "local.list[9]",
    "local.map.zz",
    'tonumber("x")',
    "1 +",
    '"a" + 1',
    "!7",
    "{ a = 1, a = 2 }[0]",
    "toset(7)",
    "upper()",
    "unknown_function(1)",
    "local.list.name",
    'lookup(local.map, "zz")',
    'jsondecode("{")',
    "local.nested.0.1",
    '{ ("a" = 1 }',
    '[["a"]][*][0',
    "[1 2]",
    'formatlist("%s%s", ["a"], ["b", "c"])',
    '"\\ud800"',
)
"""What Terraform refuses: it has no value here either."""


def expressions() -> list[str]:
    """One by one; a line that is indented, or closes a bracket, belongs to the one before."""
    found: list[str] = []
    for line in EXPRESSIONS.splitlines():
        if found and (line.startswith(("  ", "]"))):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found
