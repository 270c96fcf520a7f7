// What holds no token is the same after it was resolved. The engine resolves all that it writes three times:
// to find references to other stacks, element by element, and when it has merged them. That is most of a
// synthesis; a literal passes through unseen.
"use strict";

// Tokens by their looks: marked text, numbers near the end of their range, and the values of maps of tokens.
const TOKEN = /TfToken\[|e\+?\d{3}|Map Token Value|-123456789/i;

const isLiteral = (json) => !TOKEN.test(json);

/** Resolves to what `result` gives, which is not resolved in its turn. */
const token = (value, result) => ({
  creationStack: [],
  resolve: (context) => context.registerPostProcessor({ postProcess: () => result(context) }),
  toJSON: () => value, // should an engine come to resolve once less
});

/** A value that the engine does not look into. */
function literal(value) {
  const merged = token(value, () => value);
  return token(value, ({ preparing, scope }) => {
    if (preparing) return undefined; // there are no references to find
    // The overrides of a stack are merged into values, not into what resolves to one.
    return Object.keys(scope.rawOverrides ?? {}).length > 0 ? structuredClone(value) : merged;
  });
}

module.exports = { isLiteral, literal };
