// What holds between the elements of a stack: which provider a resource has, and that nothing is there twice.
// Looked at when all are there; what the engine lets pass, Terraform refuses, or loses without a word.
"use strict";

const engine = require("@ENGINE@");

const place = (element) => `'${element.node.path}'${element.source ? ` (${element.source})` : ""}`;

const isThere = (element) => element.node.scope.node.tryFindChild(element.node.id) === element;

// Stack to its providers. A walk through the tree for each resource would take most of a synthesis.
const providers = new WeakMap();

function providersOf(stack) {
  if (!providers.has(stack)) {
    providers.set(stack, stack.node.findAll().filter(engine.TerraformProvider.isTerraformProvider));
  }
  return providers.get(stack).filter(isThere);
}

/** Another provider is there now. */
const forget = (stack) => providers.delete(stack);

/** Terraform takes each alias of a provider once, and one without an alias. */
function checkProviders(provider) {
  const { cdktfStack: stack, terraformResourceType: type, alias } = provider;
  const others = providersOf(stack).filter(
    (other) => other.terraformResourceType === type && (other.alias || undefined) === (alias || undefined),
  );
  if (others.length > 1) {
    const both = others.map(place).join(" and ");
    const advice = alias ? "choose another alias" : "give all but one an alias, and resources their provider=";
    throw new Error(`${both} are both ${type}${alias ? `.${alias}` : " without an alias"}: ${advice}`);
  }
}

/** The provider of a resource; where none was given and the only one of its kind has an alias, that one. */
function chooseProvider(resource) {
  const { provider, cdktfStack: stack } = resource;
  if (provider) {
    const problem = foreign(resource, { provider });
    if (problem) throw new Error(`${place(resource)}: ${problem}`);
    return provider;
  }
  const type = resource.terraformGeneratorMetadata?.providerName;
  const [first, ...others] = providersOf(stack).filter((each) => each.terraformResourceType === type);
  if (!first || [first, ...others].some((each) => !each.alias)) return undefined;
  if (others.length === 0) return first;
  const all = [first, ...others].map((each) => `${each.alias}: ${place(each)}`).join(", ");
  throw new Error(`${place(resource)}: every ${type} of its stack has an alias: choose by provider= (${all})`);
}

/** What is wrong with elements of another stack: each stack is a Terraform run of its own. */
function foreign(resource, { provider, dependsOn = [], lifecycle } = {}) {
  const stack = resource.cdktfStack;
  const isForeign = (each) => each?.cdktfStack && each.cdktfStack !== stack;
  const named = { provider: [provider], depends_on: dependsOn, replace_triggered_by: lifecycle?.replaceTriggeredBy ?? [] };
  for (const [name, elements] of Object.entries(named)) {
    const other = elements.find(isForeign);
    if (!other) continue;
    const advice =
      name === "provider"
        ? "make one in this stack"
        : `let stack '${stack.node.id}' depend on it: ${stack.node.id}.add_dependency(${other.cdktfStack.node.id})`;
    return `${name} names ${place(other)}, of stack '${other.cdktfStack.node.id}'; ${advice}`;
  }
  return undefined;
}

// Stack to its Terraform addresses, each with the resources that have it, be they of a class of ours or not.
const owners = new WeakMap();

/** All resources that have this address, this one among them. */
function ownersOf(address, resource) {
  const stack = resource.cdktfStack;
  if (!owners.has(stack)) {
    owners.set(stack, new Map());
    stack.node.findAll().filter(engine.TerraformResource.isTerraformResource).forEach(remember);
  }
  remember(resource);
  return [...owners.get(stack).get(address)].filter((each) => isThere(each) && addressOf(each) === address);
}

function remember(resource) {
  const all = owners.get(resource.cdktfStack);
  const address = addressOf(resource);
  if (!all.has(address)) all.set(address, new Set());
  all.get(address).add(resource);
}

const addressOf = (resource) => `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;

const NOT_OF_THE_ACCOUNT = [
  ...["alias", "region", "protocol"],
  ...["client_read_timeout", "client_connect_timeout", "max_retry_timeout"],
];

/** In which account the provider of a resource works, as it says itself (RAM has no regions); undefined where
 * only Terraform will know. What it leaves to the environment is the same in all stacks. */
function accountOf(resource) {
  const type = resource.terraformGeneratorMetadata?.providerName;
  const provider =
    chooseProvider(resource) ??
    providersOf(resource.cdktfStack).find((each) => each.terraformResourceType === type && !each.alias);
  const settings = { ...provider?.synthesizeAttributes() };
  for (const name of NOT_OF_THE_ACCOUNT) delete settings[name];
  const account = JSON.stringify(settings, (_, value) => value ?? undefined);
  return account.includes("TfToken[") ? undefined : account;
}

const resolver = new engine.DefaultTokenResolver(new engine.StringConcat());

// App to the claims of resources on a policy, by its account and its name.
const claims = new WeakMap();

/** Another claim on the same policy; undefined where there is none. A whole policy is claimed in its stack alone. */
function otherClaim(claim, name, isWhole) {
  const { resource, provider } = claim;
  const { root: app } = resource.node;
  const account = accountOf(resource) ?? `${provider} of ${resource.cdktfStack.node.path}`;
  const key = [isWhole ? resource.cdktfStack.node.path : "", name, account].join("\0");
  if (!claims.has(app)) claims.set(app, new Map());
  const others = (claims.get(app).get(key) ?? []).filter(
    (other) => other.resource !== resource && isThere(other.resource) && other.resource.node.root === app,
  );
  claims.get(app).set(key, [...others, claim]);
  return others[0];
}

const OTHER_ACCOUNT = "; if they are of two accounts, let the providers say so: profile= or assume_role=";
const DEFAULT_VERSION = "two versions to be its default one: each apply takes it from the other; stage one of them";
const ATTACHED_TWICE = "is attached twice to one and the same: destroying either detaches it for both; leave one";
const WHOLE_POLICY = "two resources that are the whole policy: each apply overwrites the other; leave one";

/** How many instances of a resource there are; 1 where only Terraform will know. */
function instancesOf({ count, forEach, rawOverrides }) {
  const number = rawOverrides.count ?? count;
  if (typeof number === "number") return engine.Token.isUnresolved(number) ? 1 : number;
  const each = rawOverrides.for_each ?? forEach?.list ?? forEach?.map;
  if (!each || typeof each !== "object" || engine.Token.isUnresolved(each)) return 1;
  return Array.isArray(each) ? new Set(each).size : Object.keys(each).length;
}

function checkUnique(resource, attributes, provider) {
  const type = resource.terraformResourceType;
  const { policy_name: name, set_as_default: isDefault } = { ...attributes, ...resource.rawOverrides };
  // `override_logical_id` gives two resources one address: the last of them would be all that is written.
  const address = addressOf(resource);
  const twins = ownersOf(address, resource);
  if (twins.length > 1) {
    const both = twins.map(place).join(" and ");
    throw new Error(`${both} have one Terraform address, ${address}: override one logical id`);
  }
  if (typeof name !== "string") return;
  const read = (text) => engine.Tokenization.resolve(text, { scope: resource, preparing: false, resolver });
  const attached = attachmentOf(type, { ...attributes, ...resource.rawOverrides }, read);
  if (attached) {
    refuseSecond(resource, provider, attached.join(":"), false, `policy '${attached[1]}' ${ATTACHED_TWICE}`);
    return;
  }
  const isWhole = type === "alicloud_ram_policy" || type === "alipolicy_policy";
  if (!(isWhole || (type === "alipolicy_policy_version" && isDefault === true))) return;
  refuseSecond(resource, provider, name, isWhole, `policy '${read(name)}' has ${isWhole ? WHOLE_POLICY : DEFAULT_VERSION}`);
}

const ATTACHMENTS = /^(alipolicy_policy|alicloud_ram_(user|group|role)_policy)_attachment$/;

/** The type and the name of the policy, and who gets it; undefined where it is no attachment, or has not one. */
function attachmentOf(type, attributes, read) {
  if (!ATTACHMENTS.test(type)) return undefined;
  const who = ["user_name", "group_name", "role_name"].filter((each) => typeof attributes[each] === "string");
  const { policy_type: kind = "Custom", policy_name: name } = attributes;
  if (who.length !== 1 || typeof kind !== "string") return undefined;
  return [read(kind), read(name), who[0], read(attributes[who[0]])];
}

/** An error where another resource, or another instance of this one, claims the same. */
function refuseSecond(resource, provider, name, isWhole, problem) {
  const instances = instancesOf(resource);
  if (instances === 0) return;
  if (instances > 1 && !engine.Token.isUnresolved(name) && !name.includes("${")) {
    const by = resource.forEach ?? resource.rawOverrides.for_each ? "for_each" : "count";
    throw new Error(`${place(resource)}, ${by}: ${problem}`);
  }
  const other = otherClaim({ resource, provider }, name, isWhole);
  if (other) {
    const isSame = other.provider === provider && other.resource.cdktfStack === resource.cdktfStack;
    throw new Error(`${place(other.resource)} and ${place(resource)}: ${problem}${isSame ? "" : OTHER_ACCOUNT}`);
  }
}

const BINDINGS = ["alicloud_hbr_policy_binding", "alipolicy_backup_policy_binding"];
const watched = new WeakSet();

/** A backup policy that nothing in its stack binds carries a warning. Looked at once the stack is complete. */
function watch({ cdktfStack: stack }) {
  if (watched.has(stack)) return;
  watched.add(stack);
  engine.Aspects.of(stack).add({ visit: (node) => node === stack && warnUnbound(stack) });
}

function warnUnbound(stack) {
  const resources = stack.node.root.node.findAll().filter(engine.TerraformResource.isTerraformResource);
  const bindings = resources.filter((each) => BINDINGS.includes(each.terraformResourceType));
  const policies = resources.filter((each) => each.cdktfStack === stack && each.ifUnbound !== undefined);
  const bound = bindings.map((each) => boundBy(each, stack));
  for (const policy of policies.filter((each) => each.ifUnbound)) {
    const is = (address) => address === undefined || address === addressOf(policy);
    const text = policy.ifUnbound;
    const isTold = policy.node.metadata.some(({ data }) => data === text);
    if (!isTold && !bound.some(is)) engine.Annotations.of(policy).addWarning(text);
  }
}

/** The address of the resource of this stack that a binding names; undefined where it may be any. */
function boundBy(binding, stack) {
  const { policy_id: id } = binding.synthesizeAttributes();
  if (binding.cdktfStack !== stack) {
    // A reference knows the stack of what it refers to; any other token may be anything.
    const stacks = engine.Tokenization.reverse(id).map((token) => token.originStack);
    return stacks.every((each) => each && each !== stack) ? "" : undefined;
  }
  const text = engine.Tokenization.resolve(id, { scope: binding, preparing: false, resolver });
  return /^\$\{(\w+\.[\w-]+)\.id\}$/.exec(text)?.[1];
}

// App to the resource that asks for all.
const asking = new WeakMap();

/** A validation that is the same for many resources of an app, made for one of them. */
function onceInApp(resource, validation) {
  return {
    validate() {
      const { root: app } = resource.node;
      if (!asking.has(app) || !isThere(asking.get(app))) asking.set(app, resource);
      return asking.get(app) === resource ? validation.validate() : [];
    },
  };
}

module.exports = { checkProviders, checkUnique, chooseProvider, foreign, forget, onceInApp, watch };
