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

// Stack to what a resource alone may have (its address, a policy's default version) to that resource.
const owners = new WeakMap();

/** The other resource that has this; undefined where the resource is, or becomes, its only owner. */
function otherOwner(resource, claimed) {
  const stack = resource.cdktfStack;
  if (!owners.has(stack)) owners.set(stack, new Map());
  const owner = owners.get(stack).get(claimed);
  if (owner && owner !== resource && isThere(owner)) return owner;
  owners.get(stack).set(claimed, resource);
  return undefined;
}

/** In which account the provider of a resource works, as it says itself (RAM has no regions); undefined where
 * only Terraform will know. What it leaves to the environment is the same in all stacks. */
function accountOf(resource) {
  const type = resource.terraformGeneratorMetadata?.providerName;
  const provider =
    chooseProvider(resource) ??
    providersOf(resource.cdktfStack).find((each) => each.terraformResourceType === type && !each.alias);
  const { alias, region, ...settings } = provider?.synthesizeAttributes() ?? {};
  const account = JSON.stringify(settings, (_, value) => value ?? undefined);
  return account.includes("TfToken[") ? undefined : account;
}

// App to the resources that ask for the default version of a policy, by its account and its name.
const claims = new WeakMap();

/** A resource of another stack that asks for the same; undefined where there is none. */
function claimInOtherStack(resource, name) {
  const app = resource.node.root;
  const account = accountOf(resource);
  if (account === undefined) return undefined;
  if (!claims.has(app)) claims.set(app, new Map());
  const key = `${name} of ${account}`;
  const others = (claims.get(app).get(key) ?? []).filter(
    (other) => other.cdktfStack !== resource.cdktfStack && isThere(other) && other.node.root === app,
  );
  claims.get(app).set(key, [...others, resource]);
  return others[0];
}

const OTHER_ACCOUNT = "; if their stacks are of two accounts, let the providers say so: profile= or assume_role=";
const DEFAULT_VERSION = "two versions to be its default one: each apply takes it from the other; stage one of them";
const WHOLE_POLICY = "two resources that are the whole policy: each apply overwrites the other; leave one";

function checkUnique(resource, { policy_name: name, set_as_default: isDefault }, provider) {
  const type = resource.terraformResourceType;
  // `override_logical_id` gives two resources one address: the last of them would be all that is written.
  const address = `${type}.${resource.friendlyUniqueId}`;
  const twin = otherOwner(resource, address);
  if (twin) {
    const both = `${place(twin)} and ${place(resource)}`;
    throw new Error(`${both} have one Terraform address, ${address}: override one logical id`);
  }
  const isWhole = type === "alicloud_ram_policy";
  if (typeof name !== "string" || !(isWhole || (type === "alipolicy_policy_version" && isDefault === true))) return;
  const rival = otherOwner(resource, `default version of ${name} by ${provider}`);
  if (rival) {
    const problem = isWhole ? WHOLE_POLICY : DEFAULT_VERSION;
    throw new Error(`${place(rival)} and ${place(resource)}: policy '${name}' has ${problem}`);
  }
  const other = isWhole ? undefined : claimInOtherStack(resource, name);
  if (other) {
    const both = `${place(other)} and ${place(resource)}`;
    throw new Error(`${both}: policy '${name}' has ${DEFAULT_VERSION}${OTHER_ACCOUNT}`);
  }
}

module.exports = { checkProviders, checkUnique, chooseProvider, foreign, forget };
