// Terraform JSON to HCL. The engine prints the frame, `resource "type" "name" { name = … }`; expressions are
// printed here, since the engine does not escape the quotes in a text that holds one.
"use strict";

const ESCAPES = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const escape = (character) => ESCAPES[character] ?? character;

/** Where the expression ends whose first character is at `start`: after the `}` that closes it. */
function endOfExpression(template, start) {
  let depth = 1;
  let at = start;
  while (at < template.length && depth > 0) {
    const character = template[at];
    if (character === '"') at = endOfString(template, at + 1);
    else if (template.startsWith("/*", at)) at = endOfComment(template, at);
    else {
      depth += character === "{" ? 1 : character === "}" ? -1 : 0;
      at += 1;
    }
  }
  return at;
}

function endOfComment(template, start) {
  const end = template.indexOf("*/", start);
  return end < 0 ? template.length : end + 2;
}

/** Where the quoted string ends whose first character is at `start`: after the `"` that closes it. */
function endOfString(template, start) {
  let at = start;
  while (at < template.length && template[at] !== '"') {
    if (template[at] === "\\") at += 2;
    else at = endOfMarked(template, at) ?? at + 1;
  }
  return at + 1;
}

/** After the `${…}`, `%{…}`, `$${` or `%%{` that starts here; undefined if none does. */
function endOfMarked(template, at) {
  const three = template.slice(at, at + 3);
  if (three === "$${" || three === "%%{") return at + 3;
  return /^[$%]\{/.test(three) ? endOfExpression(template, at + 2) : undefined;
}

/** A Terraform template as a quoted string: its expressions stay, the text around them is escaped. */
function quoted(template) {
  let text = "";
  let at = 0;
  while (at < template.length) {
    const end = endOfMarked(template, at);
    text += end ? template.slice(at, end) : escape(template[at]);
    at = end ?? at + 1;
  }
  return `"${text}"`;
}

function expression(value) {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(expression).join(", ")}]`;
  if (value === null || typeof value !== "object") return String(value);
  const items = Object.entries(value).map(([name, item]) => `${quoted(name)} = ${expression(item)}`);
  return `{ ${items.join(", ")} }`;
}

// What the engine prints: `name = text` (a text in a list, and called a number, it prints as it is) …
const raw = (text) => ({ value: [text], type: "simple", storageClassType: "number" });
// … `name { … }` …
const block = (attributes) => ({ value: attributes, isBlock: true, type: "struct" });
// … and that once for each item.
const blockList = (items) => ({ value: items, isBlock: true, type: "list" });
// … or `dynamic "name" { … }`.
const dynamicBlock = ({ for_each, iterator, content }, inside) => ({
  dynamic: { value: { for_each: template(for_each), iterator, content: attributesOf(content, inside) } },
});

/** An expression in a template: the engine prints any string that holds one as it is, in quotes. */
const template = (value) =>
  typeof value === "string" && value.includes("${") ? quoted(value).slice(1, -1) : `\${${expression(value)}}`;

const bare = (value) => String(value).replace(/^\$\{(.*)\}$/s, "$1");
const keyword = (value) => raw(bare(value));
const keywords = (value) => (Array.isArray(value) ? raw(`[${value.map(bare).join(", ")}]`) : keyword(value));

const LIFECYCLE_BLOCKS = { precondition: {}, postcondition: {} };
const LIFECYCLE = { ignore_changes: keywords, replace_triggered_by: keywords };

// What the meta-arguments are in HCL: addresses and keywords without quotes, blocks where JSON has objects.
const META = {
  depends_on: keywords,
  provider: keyword,
  lifecycle: (value) => block(attributesOf(value, LIFECYCLE_BLOCKS, LIFECYCLE)),
  connection: (value) => attributesOf(value, {}), // the engine makes the block
  provisioner: (value) => value.map(provisioner),
};

function provisioner(typed) {
  const meta = { when: keyword, on_failure: keyword, connection: META.connection };
  return mapped(typed, (value) => attributesOf(value, {}, meta));
}

/** The attributes of a block as the engine prints them. `blocks`: name to the blocks inside. */
function attributesOf(attributes, blocks, meta = {}) {
  const described = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "dynamic") Object.assign(described, dynamicBlocks(value, blocks));
    else if (name in meta) described[name] = meta[name](value);
    else described[name] = attribute(value, blocks[name]);
  }
  return described;
}

const dynamicBlocks = (made, blocks) => mapped(made, (value, name) => dynamicBlock(value, blocks[name] ?? {}));

function mapped(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
}

/** An attribute, or the blocks of a name: then `inside` says which blocks there are in them. */
function attribute(value, inside) {
  if (!inside || value === null || typeof value !== "object") return raw(expression(value));
  if (!Array.isArray(value)) return block(attributesOf(value, inside));
  return blockList(value.map((item) => attributesOf(item, inside)));
}

/** The body of a resource or provider. `"//"` is metadata, which the engine takes out. */
function hclOf({ "//": metadata, ...body }, blocks) {
  const described = attributesOf(body, blocks, META);
  return metadata ? { ...described, "//": metadata } : described;
}

module.exports = { hclOf };
