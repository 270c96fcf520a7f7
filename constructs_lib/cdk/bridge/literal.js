// What holds no token is the same after it was resolved. The engine resolves each value three times, which is
// most of the time of a synthesis; of these it resolves only what it has merged in the end.
"use strict";

// Tokens by their looks: marked text, numbers near the end of their range, and the values of maps of tokens.
const TOKEN = /TfToken\[|e\+?\d{3}|Map Token Value|-123456789/i;

const isLiteral = (json) => !TOKEN.test(json);

/** A copy: the engine merges the overrides of a stack into what it has resolved. */
function copy(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(copy);
  const copied = {};
  for (const name of Object.keys(value)) copied[name] = copy(value[name]);
  return copied;
}

/** Resolves to `value`, without a look into it. */
const literal = (value) => ({
  creationStack: [],
  resolve(context) {
    // Its first resolution only looks for references, and forgets the result.
    if (!context.preparing) context.registerPostProcessor({ postProcess: () => copy(value) });
  },
});

/** The attributes, with lists and objects that are resolved already. */
function literally(attributes) {
  const wrapped = {};
  for (const [name, value] of Object.entries(attributes)) {
    wrapped[name] = value !== null && typeof value === "object" ? literal(value) : value;
  }
  return wrapped;
}

module.exports = { isLiteral, literally };
