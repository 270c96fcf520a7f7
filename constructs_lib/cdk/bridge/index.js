// The half of `element.py` that lives in Node: resources and providers whose attributes are one JSON text.
//
// The text comes with the call that makes the construct, and synthesis needs no call back to Python. The rest
// is the engine's: meta-arguments, moves, imports, overrides, ids, the check for a missing provider.
"use strict";

const engine = require("@ENGINE@");
const { blocksIn, dynamicIn } = require("./blocks");
const { hclOf } = require("./hcl");
const { isLiteral, literal } = require("./literal");
const { checkProviders, checkUnique, chooseProvider, foreign, forget, onceInApp, watch } = require("./stack");

const REFERENCE = "\0reference"; // the key of what stands for an object of this process, as in values.py

/** The description of an element, with the objects of this process in their places. */
function parse(description, references = []) {
  if (references.length === 0) return JSON.parse(description);
  return JSON.parse(description, (name, value) => {
    if (value === null || typeof value !== "object" || !(REFERENCE in value)) return value;
    const token = references[value[REFERENCE]];
    // As text, since the engine takes a token that was made in Python for an object, and looks inside.
    if (engine.Tokenization.isResolvable(token)) return engine.Token.asString(token);
    throw new TypeError(`${name}: expected a token; got a ${token.constructor.name}`);
  });
}

/** `replace_triggered_by` wants addresses; the engine writes `${address}`, which Terraform refuses. */
const address = (target) => ({
  creationStack: [],
  resolve(context) {
    context.suppressBraces = true;
    return typeof target === "string" ? target : target.fqn;
  },
});

/** Resolves as `value` does, then becomes what `print` makes of it. */
const printed = (value, print) => ({
  creationStack: [],
  resolve(context) {
    context.registerPostProcessor({ postProcess: print });
    return value;
  },
});

// Stack to address to path: two ids that the engine strips to one name would make one resource of two.
const addresses = new WeakMap();

function claim(resource) {
  const stack = resource.cdktfStack;
  const name = stack.getLogicalId(resource); // not `friendlyUniqueId`: asked once, it can be overridden no more
  if (!addresses.has(stack)) addresses.set(stack, new Map());
  const [taken, address] = [addresses.get(stack), `${resource.terraformResourceType}.${name}`];
  const problem = taken.has(address)
    ? `its Terraform address ${address} is that of '${taken.get(address)}'; choose another id`
    : !/^[A-Za-z_]/.test(name) && `its Terraform name would be '${name}'; let the id begin with a letter`;
  if (problem) refuse(resource, problem);
  taken.set(address, resource.node.path);
}

/** Nothing half-made stays in the tree. */
function refuse(resource, problem) {
  resource.node.scope.node.tryRemoveChild(resource.node.id);
  throw new Error(problem);
}

/** The construct tree shows the name of the Python class. */
function name(element, value) {
  if (value) Object.defineProperty(element, "constructor", { value: Object.create(element.constructor, { name: { value } }) });
}

class Resource extends engine.TerraformResource {
  #attributes;
  #blocks;
  #dynamic;
  #isLiteral;

  constructor(scope, id, description, references, meta) {
    const { type, provider, class: className, attributes, blocks, dynamic, ifUnbound } = parse(description, references);
    super(scope, id, {
      ...meta,
      terraformResourceType: type,
      terraformGeneratorMetadata: { providerName: provider },
    });
    const problem = foreign(this, meta);
    if (problem) refuse(this, problem);
    claim(this);
    name(this, className);
    this.#set(description, references, { attributes, blocks, dynamic, ifUnbound });
    if (ifUnbound) watch(this);
  }

  #set(description, references, { attributes, blocks, dynamic, ifUnbound }) {
    this.ifUnbound = ifUnbound;
    this.#isLiteral = isLiteral(description) && !references?.length;
    this.#attributes = this.#isLiteral ? attributes : blocksIn(attributes, blocks);
    this.#blocks = blocks;
    this.#dynamic = dynamic;
  }

  replaceAttributes(description, references) {
    this.#set(description, references, parse(description, references));
  }

  /** The line that creates it. */
  get source() {
    return this.#attributes["//"]?.alipolicy?.source;
  }

  get terraformMetaArguments() {
    const provider = chooseProvider(this)?.fqn;
    checkUnique(this, this.#attributes, provider ?? this.terraformGeneratorMetadata.providerName);
    const meta = { ...super.terraformMetaArguments, provider };
    const triggers = this.lifecycle?.replaceTriggeredBy;
    if (!triggers) return meta;
    return { ...meta, lifecycle: { ...meta.lifecycle, replaceTriggeredBy: triggers.map(address) } };
  }

  /** As the engine's, which runs `terraform version` for each import: an app of 1,000 took 40 s. */
  importFrom(id, provider) {
    const { node } = this;
    node.addValidation = (validation) => {
      delete node.addValidation;
      node.addValidation(onceInApp(this, validation));
    };
    super.importFrom(id, provider);
  }

  synthesizeAttributes() {
    return this.#attributes;
  }

  toTerraform() {
    const json = super.toTerraform();
    const { [this.friendlyUniqueId]: body } = json.resource?.[this.terraformResourceType] ?? {};
    const isLiteral = !this.#dynamic && this.#isLiteral && !this.#mayHoldTokens();
    if (!body || !(this.#dynamic || isLiteral)) return json;
    const resource = isLiteral ? literal(body) : this.#withDynamic(body);
    return { ...json, resource: { [this.terraformResourceType]: { [this.friendlyUniqueId]: resource } } };
  }

  /** Lists of blocks that are known only to Terraform become `dynamic` blocks, once all else is resolved. */
  #withDynamic(body) {
    return printed(body, (resolved) => {
      try {
        return dynamicIn(resolved, this.#blocks, this.#dynamic);
      } catch (error) {
        throw new Error(`'${this.node.path}': ${error.message}`);
      }
    });
  }

  /** Whether there may be tokens beside the attributes. Most meta-arguments are there for that. */
  #mayHoldTokens() {
    const { dependsOn, count, provider, forEach, provisioners, connection, lifecycle = {} } = this;
    const { replaceTriggeredBy, precondition, postcondition, ...settings } = lifecycle;
    const meta = [dependsOn, count, provider, forEach, provisioners, connection];
    return (
      [...meta, replaceTriggeredBy, precondition, postcondition].some((given) => given !== undefined) ||
      Object.keys(this.rawOverrides).length > 0 ||
      !isLiteral(JSON.stringify(settings))
    );
  }

  /** The HCL of the JSON: they cannot mean different things. */
  toHclTerraform() {
    const hcl = super.toHclTerraform();
    const json = super.toTerraform().resource;
    if (!json) return hcl; // moved away
    const { [this.terraformResourceType]: { [this.friendlyUniqueId]: body } } = json;
    const written = this.#dynamic ? this.#withDynamic(body) : body;
    const resource = printed(written, (resolved) => hclOf(resolved, this.#blocks));
    return { ...hcl, resource: { [this.terraformResourceType]: { [this.friendlyUniqueId]: resource } } };
  }
}

/** A data source: its attributes as those of a resource. */
class DataSource extends engine.TerraformDataSource {
  #attributes;
  #blocks;

  constructor(scope, id, description, references, meta) {
    const { type, provider, class: className, attributes, blocks } = parse(description, references);
    super(scope, id, {
      ...meta,
      terraformResourceType: type,
      terraformGeneratorMetadata: { providerName: provider },
    });
    const problem = foreign(this, meta);
    if (problem) refuse(this, problem);
    name(this, className);
    this.#attributes = blocksIn(attributes, blocks);
    this.#blocks = blocks;
  }

  /** The line that creates it. */
  get source() {
    return this.#attributes["//"]?.alipolicy?.source;
  }

  get terraformMetaArguments() {
    return { ...super.terraformMetaArguments, provider: chooseProvider(this)?.fqn };
  }

  synthesizeAttributes() {
    return this.#attributes;
  }

  toHclTerraform() {
    const hcl = super.toHclTerraform();
    const { [this.terraformResourceType]: { [this.friendlyUniqueId]: body } } = this.toTerraform().data;
    const data = printed(body, (resolved) => hclOf(resolved, this.#blocks));
    return { ...hcl, data: { [this.terraformResourceType]: { [this.friendlyUniqueId]: data } } };
  }
}

class Provider extends engine.TerraformProvider {
  #attributes;
  #blocks;
  #alias;
  #source;

  constructor(scope, id, description, references) {
    const { type, source, version, alias, line, class: className, attributes, blocks } = parse(description, references);
    super(scope, id, {
      terraformResourceType: type,
      terraformGeneratorMetadata: { providerName: type, providerVersionConstraint: version ?? undefined },
      terraformProviderSource: source,
    });
    this.#attributes = blocksIn(attributes, blocks);
    this.#blocks = blocks;
    this.#alias = alias ?? undefined;
    this.#source = line;
    name(this, className);
    forget(this.cdktfStack);
  }

  /** The line that creates it. */
  get source() {
    return this.#source;
  }

  toTerraform() {
    checkProviders(this);
    return super.toTerraform();
  }

  get alias() {
    return this.#alias;
  }

  set alias(alias) {
    this.#alias = alias;
  }

  synthesizeAttributes() {
    return this.#attributes;
  }

  toHclTerraform() {
    const hcl = super.toHclTerraform();
    const { [this.terraformResourceType]: [body] } = this.toTerraform().provider;
    const provider = printed(body, (resolved) => hclOf(resolved, this.#blocks));
    return { ...hcl, provider: { [this.terraformResourceType]: [provider] } };
  }
}

module.exports = { DataSource, Provider, Resource };
