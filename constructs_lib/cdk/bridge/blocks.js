// Nested blocks. Most are lists of plain objects and stay as they are. What `iterator.dynamic` makes has to
// become Terraform's `dynamic` block, which stands in another place.
"use strict";

const engine = require("@ENGINE@");

const asBlocks = engine.listMapper((item) => item, true);

/** The engine's dynamic block, if this value is an expression made by `iterator.dynamic`. */
function dynamicBlock(value) {
  if (Array.isArray(value) && typeof value[0] !== "string") return undefined; // blocks as they are
  const [token, ...others] = engine.Tokenization.reverse(value);
  if (token === undefined || others.length > 0) return undefined;
  const block = asBlocks(token);
  return block === token ? undefined : block;
}

const isPlain = (value) => value !== null && typeof value === "object" && value.constructor === Object;

/** The attributes of a block, with its dynamic blocks under `dynamic`. `blocks`: name to the blocks inside. */
function blocksIn(attributes, blocks) {
  const placed = {};
  for (const [name, value] of Object.entries(attributes)) {
    const inside = blocks[name];
    const dynamic = inside && dynamicBlock(value);
    if (dynamic) {
      dynamic.content = blocksIn(dynamic.content, inside);
      placed.dynamic = { ...placed.dynamic, [name]: dynamic.toTerraformDynamicBlockJson() };
    } else if (inside && Array.isArray(value)) {
      placed[name] = value.map((item) => (isPlain(item) ? blocksIn(item, inside) : item));
    } else {
      placed[name] = value;
    }
  }
  return placed;
}

/**
 * The resolved attributes of a block, where a list of blocks that is still an expression becomes a `dynamic`
 * block. `contents`: by name, what is in it.
 */
function dynamicIn(attributes, blocks, contents) {
  const within = (name, block) => {
    if (isPlain(block)) return dynamicIn(block, blocks[name] ?? {}, contents);
    throw new Error(
      `one of its ${name} is known only to Terraform, which makes no single block of a value: ` +
        `give all ${name} as one list, or use iterator.dynamic({…})`,
    );
  };
  const placed = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "dynamic") {
      for (const [block, made] of Object.entries(value)) {
        placed.dynamic = { ...placed.dynamic, [block]: { ...made, content: within(block, made.content) } };
      }
    } else if (blocks[name] && typeof value === "string" && !contents[name]) {
      throw new Error(
        `${name} is a list that only Terraform knows, and nothing here says what is in it: ` +
          "use iterator.dynamic({…}), with the list in TerraformIterator.from_list(…)",
      );
    } else if (blocks[name] && typeof value === "string") {
      placed.dynamic = { ...placed.dynamic, [name]: { for_each: value, content: contents[name] } };
    } else {
      placed[name] = blocks[name] && Array.isArray(value) ? value.map((item) => within(name, item)) : value;
    }
  }
  return placed;
}

module.exports = { blocksIn, dynamicIn };
