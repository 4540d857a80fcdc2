/**
 * The API of the administration from memory: every kind, with versions,
 * references, cursors and the refusals that pages have to show.
 */

import { beginning } from './mock-admin-data.mjs';
import { CATALOGUE } from './mock-settings.mjs';

const store = beginning();
let made = 0;

/** Kind to the fields that are looked through by `search`. */
const SEARCHED = { users: ['username', 'name', 'email'], applications: ['name', 'slug'], endpoints: ['name', 'host'], events: ['actor', 'target_name', 'detail', 'action'] };
const EXACT = {
  endpoints: ['provider'], 'policy-bindings': ['target'], sessions: ['user'], tokens: ['user'], nodes: ['outpost'],
  connections: ['user', 'endpoint', 'application', 'node', 'state'],
  events: ['action', 'outcome', 'actor', 'target_kind', 'target', 'connection'],
};
const WORDS = {
  application: 'applications', provider: 'providers', endpoint: 'endpoints', property_mapping: 'property-mappings', policy: 'policies',
  flow: 'flows', outpost: 'outposts', group: 'groups', user: 'users', source: 'sources',
};
const NAMED = { users: 'username', connections: 'endpoint_name' };
const nameOf = (kind, object) => object[NAMED[kind] ?? 'name'];
const resolve = (kind, text) => store[kind]?.find((each) => each.id === text || nameOf(kind, each) === text || each.slug === text);

class Refused extends Error {
  constructor(status, code, detail, errors) {
    super(code);
    Object.assign(this, { status, code, detail, errors });
  }
}
const invalid = (...errors) => new Refused(422, 'invalid_field', errors.length === 1 ? `${errors[0].field}: ${errors[0].message}` : `${errors.length} fields are wrong`, errors);
const wrong = (field, message, code = 'invalid') => ({ field, code, message });

function list(kind, query) {
  const search = query.get('search')?.toLowerCase();
  const fields = SEARCHED[kind] ?? ['name'];
  const since = query.get('since');
  const until = query.get('until');
  const rows = store[kind].filter((row) => {
    if (search && !fields.some((field) => String(row[field] ?? '').toLowerCase().includes(search))) return false;
    if (query.get('name') && nameOf(kind, row) !== query.get('name')) return false;
    if (since && row.at < since) return false;
    if (until && row.at > until) return false;
    if (kind === 'connections' && !query.get('state') && !query.get('user') && row.state === 'ended') return false;
    return (EXACT[kind] ?? []).every((field) => !query.get(field) || row[field === 'target' && kind === 'events' ? 'target_id' : field] === query.get(field));
  });
  if (!['events', 'connections', 'sessions', 'policy-bindings'].includes(kind)) rows.sort((one, other) => nameOf(kind, one).localeCompare(nameOf(kind, other)));
  if (kind === 'policy-bindings') rows.sort((one, other) => one.order - other.order);
  const from = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? 100);
  return { items: rows.slice(from, from + limit), next: from + limit < rows.length ? String(from + limit) : null };
}

function check(kind, spec, own) {
  const errors = [];
  const name = kind === 'users' ? 'username' : 'name';
  if ('name' in spec && !spec[name] && kind !== 'users') errors.push(wrong(name, 'is empty', 'required'));
  if (kind === 'users' && !spec.username) errors.push(wrong('username', 'is empty', 'required'));
  if (kind === 'endpoints' && !spec.host) errors.push(wrong('host', 'is empty: expected host, host:port or [v6]:port', 'required'));
  if (['endpoints', 'applications'].includes(kind) && !resolve('providers', spec.provider)) errors.push(wrong('provider', spec.provider ? `there is no provider ${spec.provider}` : 'choose one', 'unknown_reference'));
  if (kind === 'policies') errors.push(...expressionErrors(spec.expression, 'expression'));
  for (const [setting, value] of Object.entries(spec.settings ?? spec.static_settings ?? {})) {
    const row = CATALOGUE.find((each) => each.name === setting);
    if (row?.type === 'integer' && typeof value !== 'object' && !/^\d+$/.test(String(value))) errors.push(wrong(`settings.${setting}`, `expected a whole number, got "${value}"`, 'wrong_type'));
  }
  if (errors.length > 0) throw invalid(...errors);
  const taken = store[kind].find((each) => each.id !== own && spec[name] !== undefined && nameOf(kind, each) === spec[name] && (kind !== 'endpoints' || each.provider === spec.provider));
  if (taken && kind !== 'policy-bindings') throw new Refused(409, 'name_taken', `another ${kind} is called ${spec[name]}`);
}

const masked = (settings) => {
  if (settings === undefined) return undefined;
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, CATALOGUE.find((each) => each.name === name)?.secret && value !== null && typeof value !== 'object' ? { $secret: 'set' } : value]));
};

function kept(kind, spec) {
  const { password: _, ...object } = spec;
  if (object.settings) object.settings = masked(object.settings);
  if (object.static_settings) object.static_settings = masked(object.static_settings);
  if (typeof object.client_secret === 'string') object.client_secret = { $secret: 'set' };
  if (kind === 'flows') object.stages = object.stages.map((stage) => ({ id: stage.id ?? `stg-new-${(made += 1)}`, ...stage }));
  if (kind === 'policy-bindings') object.target_kind ??= object.target.startsWith('ep') ? 'endpoint' : object.target.startsWith('app') ? 'application' : 'stage';
  return object;
}

const warningsOf = (spec) => Object.keys(spec.settings ?? {}).filter((name) => !CATALOGUE.some((each) => each.name === name))
  .map((name) => ({ field: `settings.${name}`, code: 'setting_unknown', message: `${name} is not known and is kept` }));

function write(kind, spec, before) {
  check(kind, spec, before?.id);
  const now = new Date().toISOString();
  const object = before
    ? Object.assign(before, kept(kind, spec), { version: before.version + 1, updated_at: now })
    : { id: `${kind}-new-${(made += 1)}`, ...kept(kind, spec), version: 1, created_at: now, updated_at: now };
  if (!before) store[kind].push(object);
  record(before ? 'update' : 'create', kind, object);
  return { ...object, warnings: warningsOf(spec) };
}

function record(action, kind, object) {
  store.events.unshift({
    id: `evt-${10_000 + (made += 1)}`, at: new Date().toISOString(), action, outcome: 'success', actor: 'admin', address: '127.0.0.1',
    target_kind: Object.keys(WORDS).find((word) => WORDS[word] === kind) ?? kind, target_id: object.id, target_name: nameOf(kind, object) ?? '',
    detail: '', connection: null, policy: '',
  });
}

function usedBy(word, id) {
  const uses = [];
  const use = (kind, object, relation, blocks) => uses.push({ kind, id: object.id, name: nameOf(WORDS[kind] ?? '', object) ?? object.name, relation, blocks });
  for (const binding of store['policy-bindings']) {
    if (binding.target === id) use('policy_binding', { ...binding, name: 'binding to it' }, 'target', false);
    if ([binding.policy, binding.group, binding.user].includes(id)) use('policy_binding', { ...binding, name: binding.name }, 'subject', true);
  }
  for (const each of store.endpoints) {
    if (each.provider === id) use('endpoint', each, 'provider', true);
    if (each.property_mappings.includes(id)) use('endpoint', each, 'property_mappings', true);
  }
  for (const each of store.applications) if (each.provider === id) use('application', each, 'provider', true);
  for (const each of store.providers) {
    if (each.outposts.includes(id)) use('provider', each, 'outposts', true);
    if (each.authorization_flow === id) use('provider', each, 'authorization_flow', true);
    if (each.property_mappings.includes(id)) use('provider', each, 'property_mappings', true);
  }
  for (const each of store.users) if (each.groups.includes(id)) use('user', each, 'groups', true);
  return uses;
}

/** Finds what a person would look for first: an unknown name, or a bracket too few. */
function expressionErrors(expression, field) {
  const error = expressionError(expression);
  return error ? [wrong(field, `line ${error.line}, column ${error.column}: ${error.message}`, 'expression')] : [];
}

function expressionError(expression) {
  const rows = expression.split('\n');
  for (const [index, row] of rows.entries()) {
    const column = row.indexOf('usr.');
    if (column >= 0) return { line: index + 1, column: column + 1, message: 'unknown variable usr', hint: 'did you mean user?' };
  }
  const open = (expression.match(/\(/g) ?? []).length - (expression.match(/\)/g) ?? []).length;
  if (open > 0) return { line: rows.length, column: rows.at(-1).length + 1, message: 'expected )', hint: null };
  return null;
}

function explain(id) {
  const endpoint = resolve('endpoints', id);
  const provider = resolve('providers', endpoint.provider);
  const of = (settings, level, kind, name) => Object.entries(settings).map(([key, value]) => [key, { value, level, source: { kind, name } }]);
  return {
    allowed: endpoint.name !== 'db-primary',
    settings: Object.fromEntries([
      ['hostname', { value: endpoint.host.split(':')[0], level: 'default', source: { kind: 'endpoint', name: endpoint.name } }],
      ...of(provider.settings, 'provider', 'provider', provider.name),
      ...of(endpoint.settings, 'endpoint', 'endpoint', endpoint.name),
      ...of({ 'font-size': 13, username: 'bela' }, 'provider_mapping', 'property_mapping', 'own-account'),
    ]),
    policies: store['policy-bindings'].filter((each) => each.target === endpoint.id || each.target === 'app-data').map((each, index) => ({
      target: `${each.target_kind}/${each.target_kind === 'endpoint' ? endpoint.name : 'data'}`,
      policy: store.policies.find(({ id: own }) => own === each.policy)?.name ?? store.groups.find(({ id: own }) => own === each.group)?.name ?? '',
      passing: index !== 2, reason: index === 2 ? 'has_method("totp") is false: the session has password' : each.group ? 'the user is a member' : 'the expression gave true',
    })),
    skipped: [{ mapping: 'ssh-defaults', reason: 'unknown field department' }],
    stages: (store.flows.find(({ id: own }) => own === provider.authorization_flow)?.stages ?? []).map((stage, index) => ({ flow: 'database-access', stage: stage.name, type: stage.type, would_run: index !== 3 })),
  };
}

function overview() {
  const count = (kind) => store[kind].length;
  for (const each of store.nodes) {
    if (each.health === 'lost' || each.health === 'full') continue;
    each.connections = Math.max(0, Math.min(each.capacity, each.connections + Math.round(Math.random() * 4 - 2)));
    each.heartbeat_at = new Date().toISOString();
  }
  const states = (state) => store.connections.filter((each) => each.state === state).length;
  return {
    counts: Object.fromEntries(Object.entries(WORDS).map(([word, kind]) => [word, count(kind)])),
    nodes: store.nodes.map(({ id, name, outpost, health, connections, capacity, weight, version }) => ({ id, name, outpost: resolve('outposts', outpost).name, health, connections, capacity, weight, version })),
    connections: { active: states('active'), detached: states('detached'), pending: states('pending') },
  };
}

/** A node that comes a few seconds after its token was drawn. */
function joining(outpost) {
  setTimeout(() => store.nodes.push({
    id: `node-new-${(made += 1)}`, outpost, name: `node-${made}`, public_key: 'x', capacity: 50, weight: 100, drained: false, version: '0.4.0',
    enrolled_at: new Date().toISOString(), health: 'ready', connections: 0, draining: false, edges: ['edge-1'], heartbeat_at: new Date().toISOString(),
  }), 6000);
  return { token: 'cwj_3f9aQ0mTzK1xW7eRb2Yp', expires_at: new Date(Date.now() + 3_600_000).toISOString() };
}

const SPECIAL = {
  'GET /overview': overview,
  'GET /settings-catalogue': () => ({ items: CATALOGUE }),
  'GET /used-by': (query) => ({ items: usedBy(query.get('kind'), query.get('id')) }),
  'POST /expressions/check': (_, body) => ({ ok: !expressionError(body.expression), error: expressionError(body.expression) }),
  'POST /policies/test': (_, body) => {
    const error = expressionError(body.expression);
    const passing = !error && !body.expression.includes('has_method');
    return { passing, value: error ? null : passing, reason: error ? 'the expression does not compile' : `the expression gave ${passing}`, error, operations: 37, elapsed_us: 6 };
  },
};

function answer(method, path, query, body, headers) {
  const special = SPECIAL[`${method} ${path}`];
  if (special) return [200, special(query, body)];
  const [, kind, id, act] = path.split('/');
  if (!(kind in store)) throw new Refused(404, 'not_found', 'there is no such route');
  if (id === undefined) {
    if (method === 'GET') return [200, list(kind, query)];
    if (kind === 'tokens') {
      const token = { id: `tok-new-${(made += 1)}`, ...body, user: resolve('users', body.user).id, created_at: new Date().toISOString() };
      store.tokens.push(token);
      return [201, { ...token, token: 'cw_t7Vq2nLx0Fh5sYb9RmE4kZ1jWc8d' }];
    }
    return [201, write(kind, body)];
  }
  const object = resolve(kind, decodeURIComponent(id));
  if (!object) throw new Refused(404, 'not_found', `there is no such ${kind}`);
  if (act === 'join') return [201, joining(object.id)];
  if (act === 'explain') return [200, explain(object.id)];
  if (act === 'factors') return [204];
  if (method === 'GET') return [200, object];
  if (method === 'PUT') {
    if (kind === 'nodes') return [200, Object.assign(object, body, { health: body.drained ? 'draining' : 'ready', draining: body.drained })];
    const match = headers['if-match'];
    if (match && match !== `"${object.version}"`) throw new Refused(412, 'version_conflict', 'the object has another version');
    return [200, write(kind, body, object)];
  }
  if (kind === 'connections') Object.assign(object, { state: 'ended', ended_at: new Date().toISOString(), end_reason: 'terminated' });
  else store[kind] = store[kind].filter((each) => each !== object);
  return [204];
}

/** Answers a call below `/api/v1/admin`. `/mock-touch/KIND/ID` makes somebody else write an object. */
export function admin(method, path, query, body, headers) {
  if (path === '/events/export') return [200, store.events, { 'content-type': 'application/x-ndjson' }];
  const touched = /^\/mock-touch\/([^/]+)\/([^/]+)$/.exec(path);
  if (touched) {
    const object = resolve(touched[1], touched[2]);
    Object.assign(object, body, { version: object.version + 1 });
    return [200, object];
  }
  try {
    return answer(method, path, query, body, headers);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { status, code, detail, errors } = error;
    return [status, { type: 'about:blank', title: code, status, code, detail, ...(errors ? { errors } : {}) }];
  }
}
