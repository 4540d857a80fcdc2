/** What the mock's administration begins with: a firm of some people with some machines. */

const at = (daysAgo) => new Date(Date.now() - daysAgo * 86_400_000).toISOString();
const meta = (daysAgo, version = 1) => ({ version, created_at: at(daysAgo), updated_at: at(daysAgo / 3) });
const SET = { $secret: 'set' };

const id = (prefix, name) => `${prefix}-${name}`;
const ids = (prefix, names) => names.map((name) => id(prefix, name));

export const MANY = Number(process.env.MANY ?? 0);

const applications = [
  ['scratch', 'Scratch shell', '🧪', '', 'demo'],
  ['build', 'Build farm', '', 'Engineering', 'build-farm'],
  ['data', 'Databases', '🗄', 'Engineering', 'databases'],
  ['site', 'Site network', '', 'Operations', 'site-network'],
  ['office', 'Office desktops', '🖥', 'Operations', 'office'],
].map(([slug, name, icon, group, provider]) => ({
  id: id('app', slug), slug, name, icon, group, provider: id('prv', provider), policy_engine_mode: slug === 'data' ? 'all' : 'any', ...meta(60),
}));

const provider = (name, fields) => ({
  id: id('prv', name), name, settings: {}, property_mappings: [], authorization_flow: null, connection_expiry: '8h',
  delete_token_on_disconnect: false, outposts: ['out-default'], ...meta(70, 3), ...fields,
});

const providers = [
  provider('demo', {}),
  provider('build-farm', { settings: { username: 'builder', 'terminal-type': 'xterm-256color' }, property_mappings: ['map-ssh-defaults'] }),
  provider('databases', {
    settings: { username: 'dba', 'server-alive-interval': 30 }, authorization_flow: 'flow-data', connection_expiry: '1h',
    delete_token_on_disconnect: true, property_mappings: ['map-own-account'],
  }),
  provider('site-network', { outposts: ['out-default', 'out-plant'] }),
  provider('office', { settings: { domain: 'ACME', 'enable-audio': true, 'color-scheme': 'gray-black' }, property_mappings: ['map-rdp-quality'], outposts: ['out-default'] }),
];

const endpoint = (name, of, protocol, host, fields = {}) => ({
  id: id('ep', name), name, provider: id('prv', of), protocol, host, settings: {}, property_mappings: [], maximum_connections: 1,
  labels: {}, policy_engine_mode: 'any', ...meta(40, 2), ...fields,
});

const endpoints = [
  endpoint('demo', 'demo', 'ssh', '127.0.0.1:2222', { maximum_connections: -1 }),
  ...['build-01', 'build-02', 'build-03'].map((name, index) =>
    endpoint(name, 'build-farm', 'ssh', `10.20.4.${11 + index}`, { maximum_connections: 10, labels: { site: 'vienna' } })),
  endpoint('db-primary', 'databases', 'ssh', 'db-primary.lan:22', {
    settings: { username: 'postgres', 'private-key': SET, 'host-key': 'SHA256:dW3yf9ztmtoVKl0VCM/hTDOu9x0mJS5j4sd1FJlN1d4', usrname: 'typo', 'recording-path': '/var/log' },
    labels: { site: 'vienna', tier: 'secure' },
  }),
  endpoint('db-replica', 'databases', 'ssh', 'db-replica.lan', { maximum_connections: 3 }),
  endpoint('edge-router', 'site-network', 'ssh', '10.20.0.1', { settings: { username: 'admin', password: SET } }),
  endpoint('old-nas', 'site-network', 'ssh', 'nas.lan:2200'),
  endpoint('accounting-win11', 'office', 'rdp', 'win11-acc.acme.lan', { settings: { security: 'nla', 'resize-method': 'display-update', password: { secret: 'env:ACC_PASSWORD' } }, maximum_connections: 2 }),
  endpoint('terminal-server', 'office', 'rdp', 'ts01.acme.lan:3389', { maximum_connections: 40 }),
  endpoint('drawing-board', 'office', 'vnc', '[2001:db8::10c]:5901'),
  endpoint('wall-display', 'office', 'vnc', '10.20.8.30:5900', { settings: { 'read-only': true } }),
  ...Array.from({ length: MANY }, (_, index) =>
    endpoint(`host-${String(index).padStart(5, '0')}`, 'build-farm', ['ssh', 'rdp', 'vnc'][index % 3], `10.${30 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`)),
];

const mappings = [
  { name: 'own-account', static_settings: { 'font-size': 13 }, expression: '{\n  "username": user.username,\n}' },
  { name: 'rdp-quality', static_settings: { 'enable-wallpaper': true, 'enable-font-smoothing': true }, expression: '' },
  { name: 'ssh-defaults', static_settings: { 'terminal-type': 'xterm-256color', scrollback: 10000 }, expression: 'in_group("staff") ? {"color-scheme": "black-white"} : {}' },
].map((each) => ({ id: id('map', each.name), ...each, ...meta(30) }));

const policies = [
  { name: 'from-the-office', expression: 'in_network(address, "10.20.0.0/16") ||\n  in_network(address, "2001:db8::/32")' },
  { name: 'working-hours', expression: 'in_time_window(time, "07:00", "19:00", "Europe/Vienna") &&\n  weekday(time, "Europe/Vienna") < 6' },
  { name: 'second-factor', expression: 'has_method("totp") || has_method("webauthn")' },
].map((each) => ({ id: id('pol', each.name), ...each, ...meta(25) }));

const flows = [
  {
    id: 'flow-data', name: 'database-access', title: 'Access to a database', ...meta(20, 4),
    stages: [
      { id: 'stg-1', type: 'consent', name: 'rules', policy_engine_mode: 'any', text: 'What you do on this machine is recorded.' },
      { id: 'stg-2', type: 'prompt', name: 'ticket', policy_engine_mode: 'any', title: 'Which ticket?', text: '', fields: [
        { name: 'ticket', label: 'Ticket', type: 'text', required: true, placeholder: 'OPS-1234', help: '', validation: 'value.matches("^OPS-[0-9]+$")' },
        { name: 'connection_settings.username', label: 'Account', type: 'choice', required: true, placeholder: '', help: 'The account on the machine.', choices: [{ value: 'readonly', label: 'Read only' }, { value: 'postgres', label: 'Superuser' }] },
      ] },
      { id: 'stg-3', type: 'totp', name: 'code', policy_engine_mode: 'any', if_not_enrolled: 'deny' },
      { id: 'stg-4', type: 'approval', name: 'lead', policy_engine_mode: 'any', groups: ['grp-dba-leads'], users: [], timeout_s: 300, reason_required: true },
    ],
  },
];

const groups = [
  ['admins', 'admin'], ['auditors', 'auditor'], ['staff', 'user'], ['dba', 'user'], ['dba-leads', 'user'], ['plant', 'operator'],
].map(([name, role]) => ({ id: id('grp', name), name, role, operates: name === 'plant' ? ['app-site'] : [], attributes: {}, ...meta(50) }));

const users = [
  ['admin', 'Ada Marsh', 'admin', ['admins', 'staff']],
  ['bela', 'Béla Kovács', 'user', ['staff', 'dba']],
  ['carol', 'Carol Diaz', 'user', ['staff', 'dba', 'dba-leads']],
  ['dmitri', 'Dmitri Orlov', 'operator', ['plant']],
  ['eve', 'Eve Adeyemi', 'auditor', ['auditors']],
  ['faruk', 'Faruk Yıldız', 'user', []],
].map(([username, name, role, of], index) => ({
  id: username === 'admin' ? 'u-1' : id('u', username), username, name, email: `${username}@acme.example`, role, groups: ids('grp', of),
  operates: role === 'operator' ? ['app-site'] : [], attributes: username === 'bela' ? { department: 'data' } : {}, active: index !== 5, ...meta(80 - index),
}));

const sources = [{
  id: 'src-acme', slug: 'acme', name: 'ACME sign-in', icon: '🔑', enabled: true, issuer: 'https://id.acme.example/realms/acme',
  client_id: 'causeway', client_secret: SET, scopes: ['openid', 'profile', 'email'], username_claim: 'preferred_username',
  groups_claim: 'groups', attributes: '{"department": claims.department}', matching: 'create', ...meta(55),
}];

const outposts = [
  { id: 'out-default', name: 'default', labels: { site: 'vienna' }, ...meta(90) },
  { id: 'out-plant', name: 'plant-graz', labels: { site: 'graz', network: 'ot' }, ...meta(35) },
];

const node = (name, outpost, connections, capacity, fields = {}) => ({
  id: id('node', name), outpost, name, public_key: 'q7Qmgd2o0B1Vb6UOeFZ0yZ4M2xSlJwI8jzRkO5E6qkM', capacity, weight: 100, drained: false,
  version: '0.4.0', enrolled_at: at(30), health: 'ready', connections, draining: false, edges: ['edge-1'],
  heartbeat_at: new Date(Date.now() - 2000).toISOString(), ...fields,
});

const nodes = [
  node('vie-1', 'out-default', 12, 50),
  node('vie-2', 'out-default', 9, 50, { weight: 200 }),
  node('vie-3', 'out-default', 50, 50, { health: 'full', version: '0.3.9' }),
  node('graz-1', 'out-plant', 3, 20, { drained: true, health: 'draining', draining: true }),
  node('graz-2', 'out-plant', 0, 20, { health: 'lost', heartbeat_at: at(0.02), edges: [] }),
];

const sessions = users.slice(0, 4).map((user, index) => ({
  id: `ses-${index}`, user: user.id, created_at: at(0.1 + index / 9), expires_at: at(-0.4), address: `10.20.1.${20 + index}`,
  user_agent: ['Mozilla/5.0 (X11; Linux x86_64) Chrome/141', 'Mozilla/5.0 (Macintosh) Safari/19', 'Mozilla/5.0 (Windows NT 10.0) Firefox/150', 'Mozilla/5.0 (iPhone) Mobile'][index],
  methods: [['password', 'totp'], ['source'], ['password', 'webauthn'], ['password']][index], confirmed_at: at(0.05), source: index === 1 ? 'src-acme' : null,
}));

const tokens = [
  { id: 'tok-1', name: 'ci', user: 'u-1', scope: 'full', created_at: at(30), expires_at: at(-60) },
  { id: 'tok-2', name: 'inventory', user: 'u-eve', scope: 'read', created_at: at(12), expires_at: null },
];

const bindings = [
  ['application', 'app-data', 0, { group: 'grp-dba' }],
  ['application', 'app-data', 10, { policy: 'pol-from-the-office' }],
  ['application', 'app-office', 0, { group: 'grp-staff' }],
  ['endpoint', 'ep-db-primary', 0, { policy: 'pol-second-factor' }],
  ['endpoint', 'ep-db-primary', 10, { policy: 'pol-working-hours', negate: true, failure_result: true }],
  ['stage', 'stg-4', 0, { group: 'grp-dba-leads', negate: true }],
].map(([target_kind, target, order, subject], index) => ({
  id: `bnd-${index}`, name: `${target_kind}/${target}`, target, target_kind, order, enabled: true, negate: false, timeout_s: 30,
  failure_result: false, ...subject, ...meta(15),
}));

const connection = (index, user, app, ep, of, state, fields = {}) => ({
  id: `con-${index}`, state, protocol: ep.protocol, user: user.id, username: user.username, session: 'ses-0', application: app.id,
  application_name: app.name, provider: app.provider, endpoint: ep.id, endpoint_name: ep.name, node: of.id, edge: 'edge-1',
  address: `10.20.1.${20 + index}`, created_at: at(0.01 + index / 40), expires_at: at(-0.3), ended_at: null, end_reason: null, end_code: null, ...fields,
});

const live = [
  connection(0, users[0], applications[0], endpoints[0], nodes[0], 'active'),
  connection(1, users[1], applications[2], endpoints[4], nodes[0], 'active'),
  connection(2, users[2], applications[4], endpoints[8], nodes[1], 'detached'),
  connection(3, users[3], applications[3], endpoints[6], nodes[3], 'active'),
  connection(4, users[2], applications[4], endpoints[10], nodes[1], 'pending'),
  connection(5, users[1], applications[1], endpoints[1], nodes[2], 'ended', { ended_at: at(0.05), end_reason: 'left' }),
  connection(6, users[5], applications[3], endpoints[7], nodes[3], 'ended', { ended_at: at(0.2), end_reason: 'connect_failed', end_code: 'target_refused' }),
];

const event = (index, action, outcome, actor, target, fields = {}) => ({
  id: `evt-${String(9999 - index)}`, at: new Date(Date.now() - index * 97_000).toISOString(), action, outcome, actor, address: '10.20.1.21',
  target_kind: target[0], target_id: target[1], target_name: target[2], detail: '', connection: null, policy: '', ...fields,
});

const SOME = [
  ['sign_in', 'success', 'bela', ['user', 'u-bela', 'bela'], { detail: 'password, totp' }],
  ['launch', 'success', 'bela', ['endpoint', 'ep-db-primary', 'db-primary'], { connection: 'con-1' }],
  ['approval_decided', 'success', 'carol', ['endpoint', 'ep-db-primary', 'db-primary'], { detail: 'approve', policy: 'lead' }],
  ['approval_requested', 'success', 'bela', ['endpoint', 'ep-db-primary', 'db-primary'], { policy: 'lead' }],
  ['launch', 'refused', 'faruk', ['endpoint', 'ep-db-primary', 'db-primary'], { detail: 'not_allowed_by_policy', policy: 'from-the-office' }],
  ['sign_in', 'refused', 'faruk', ['user', 'u-faruk', 'faruk'], { detail: 'credentials_wrong', address: '198.51.100.7' }],
  ['mapping_skipped', 'failed', 'carol', ['property_mapping', 'map-own-account', 'own-account'], { detail: 'unknown field department' }],
  ['connection_ended', 'failed', 'faruk', ['endpoint', 'ep-old-nas', 'old-nas'], { detail: 'connect_failed', connection: 'con-6' }],
  ['update', 'success', 'admin', ['provider', 'prv-databases', 'databases'], { detail: 'authorization_flow' }],
  ['enrol', 'success', 'vie-3', ['node', 'node-vie-3', 'vie-3']],
  ['terminate', 'success', 'admin', ['endpoint', 'ep-build-01', 'build-01'], { connection: 'con-5' }],
  ['second_factor', 'success', 'carol', ['user', 'u-carol', 'carol'], { detail: 'webauthn added' }],
];
const events = Array.from({ length: 130 }, (_, index) => {
  const [action, outcome, actor, target, fields] = SOME[index % SOME.length];
  return event(index, action, outcome, actor, target, fields);
});

const EMPTY_STORE = () => ({ users: users.slice(0, 1).map((each) => ({ ...each, groups: [] })) });
const FULL_STORE = () => ({
  applications, providers, endpoints, 'property-mappings': mappings, policies, 'policy-bindings': bindings, flows, sources, outposts, nodes,
  users, groups, sessions, tokens, connections: live, events,
});

/** Kind to its objects. */
export function beginning() {
  const some = process.env.EMPTY ? EMPTY_STORE() : FULL_STORE();
  return Object.fromEntries(Object.keys(FULL_STORE()).map((kind) => [kind, some[kind] ?? []]));
}
