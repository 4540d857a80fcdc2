/**
 * The mock server's people: how they sign in, their account, what launches
 * ask before they open, and what waits for an approval.
 *
 *   admin / causeway     signs in with a password alone
 *   ada / causeway       has a second step: 123456, a passkey, or any recovery code
 *
 * Every code is 123456; every passkey is taken. The confirmation of an account
 * is fresh for CONFIRMED_MS after it was given.
 */

import { randomBytes, randomUUID } from 'node:crypto';

const CODE = '123456';
const PASSWORD = 'causeway';
const CONFIRMED_MS = 15 * 60_000;
const COOKIE = { 'set-cookie': 'causeway=mock; Path=/; HttpOnly; SameSite=Lax' };

const now = () => new Date().toISOString();
const inMs = (ms) => new Date(Date.now() + ms).toISOString();
const ago = (ms) => inMs(-ms);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const SOURCES = [
  { slug: 'acme', name: 'Acme Identity', icon: '🏢', url: '/api/v1/sources/acme/sign-in' },
  { slug: 'partner', name: 'Partner network', icon: '', url: '/api/v1/sources/partner/sign-in' },
];

const state = {
  failures: 0,
  confirmedAt: process.env.FRESH ? Date.now() : 0,
  hasPassword: true,
  factors: [],
  remaining: 0,
  pendingTotp: new Set(),
  sessions: [
    session(true, 'Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0 Safari/537.36', '192.0.2.17', 20 * 60_000, ['password', 'totp']),
    session(false, 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1', '2001:db8::17', 3 * HOUR, ['webauthn']),
    session(false, 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Firefox/143.0', '198.51.100.4', 2 * DAY, ['source'], { slug: 'acme', name: 'Acme Identity' }),
  ],
  tokens: [
    { id: 't-1', name: 'Nightly apply', scope: 'full', created_at: ago(40 * DAY), expires_at: null },
    { id: 't-2', name: 'Monitoring', scope: 'read', created_at: ago(12 * DAY), expires_at: inMs(18 * DAY) },
    { id: 't-3', name: 'Old script', scope: 'launch', created_at: ago(99 * DAY), expires_at: ago(9 * DAY) },
  ],
  executions: new Map(),
  approvals: [
    approval('boris', 'Databases', 'db-primary', 'Restore of the invoices table, ticket OPS-1841. I need about half an hour.', 'waiting', 40_000),
    approval('chiara', 'Office desktops', 'accounting-win11', '', 'waiting', 170_000),
    approval('boris', 'Databases', 'db-primary', 'Index rebuild', 'approved', 3 * HOUR, 'admin', 'Go ahead.'),
    approval('dmitri', 'Site network', 'edge-router', 'curious', 'denied', DAY, 'admin', 'Not without a change request.'),
    approval('chiara', 'Databases', 'db-replica', 'Report for March', 'expired', 2 * DAY),
  ],
};

function session(current, userAgent, address, age, methods, source = null) {
  return { id: randomUUID(), current, user_agent: userAgent, address, methods, signed_in_with: source, created_at: ago(age), confirmed_at: ago(age), expires_at: inMs(8 * HOUR) };
}

function approval(username, application, endpoint, reason, is, age, by = null, comment = '') {
  return {
    id: randomUUID(), state: is, mine_to_decide: true, requester: { id: username, username },
    application: { id: application, name: application }, endpoint: { id: endpoint, name: endpoint },
    flow: 'careful', stage: 'second-person', reason, address: '192.0.2.40',
    requested_at: ago(age), expires_at: inMs(300_000 - age), decided_by: by, decided_at: by && ago(age - 30_000), comment,
  };
}

/** Names of endpoints and the stages that stand before them. */
export const FLOWS = {
  'db-replica': {
    flow: { name: 'careful', title: 'Production database' },
    stages: [
      { type: 'consent', name: 'terms', text: 'This machine holds customers’ data.\n\nEverything that you type is recorded and kept for 90 days. Work only on what your ticket asks for.' },
      {
        type: 'prompt', name: 'what-for', title: 'What are you about to do?', text: 'The answers go to the record of this session.',
        fields: [
          { name: 'ticket', label: 'Ticket', type: 'text', required: true, placeholder: 'OPS-1234', help: 'An open ticket that asks for this.', minimum: 5, maximum: 12 },
          { name: 'connection_settings.username', label: 'Account', type: 'choice', required: true, placeholder: '', help: '', value: 'readonly', choices: [{ value: 'readonly', label: 'readonly (looks only)' }, { value: 'postgres', label: 'postgres (owner)' }] },
          { name: 'connection_settings.password', label: 'Password of the account', type: 'password', required: true, placeholder: '', help: 'Goes to the machine; nobody sees it.' },
          { name: 'minutes', label: 'For how many minutes', type: 'number', required: true, placeholder: '', help: '', value: 30, minimum: 5, maximum: 240 },
          { name: 'notes', label: 'Notes', type: 'multiline', required: false, placeholder: '', help: '', maximum: 400 },
          { name: 'told', label: 'I have told the people on call', type: 'boolean', required: true, placeholder: '', help: '', value: false },
        ],
      },
      { type: 'password', name: 'again' },
      { type: 'totp', name: 'code' },
      { type: 'webauthn', name: 'key', public_key: { challenge: 'Zm9v', rpId: 'localhost', userVerification: 'preferred' } },
      { type: 'approval', name: 'second-person', reason_required: true },
    ],
  },
  'build-01': { flow: { name: 'consent', title: '' }, stages: [{ type: 'consent', name: 'terms', text: 'The build farm is shared. Do not run benchmarks on it during office hours.' }] },
  'build-02': { flow: { name: 'approved', title: 'Build farm' }, stages: [{ type: 'approval', name: 'boss', reason_required: true }] },
  'build-03': { flow: { name: 'code', title: '' }, stages: [{ type: 'totp', name: 'code' }] },
};

/** Endpoints that are refused, and how. */
const REFUSED = {
  'wall-display': [403, 'denied_by_flow', 'The wall display is switched off outside office hours.'],
  'lobby-screen': [403, 'second_factor_not_enrolled', 'this endpoint asks for a code of your authenticator app, and you have set up none'],
  'hr-desktop': [403, 'not_allowed_by_policy', 'you are not allowed to open this endpoint from here'],
};

const QR = (() => {
  const cells = [];
  let seed = 7;
  for (let y = 0; y < 25; y += 1) {
    for (let x = 0; x < 25; x += 1) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      const corner = (x < 7 || x > 17) && (y < 7 || (y > 17 && x < 7));
      const cx = x > 17 ? x - 18 : x, cy = y > 17 ? y - 18 : y;
      const ring = corner && (cx === 0 || cx === 6 || cy === 0 || cy === 6 || (cx > 1 && cx < 5 && cy > 1 && cy < 5));
      if (corner ? ring : seed % 3 === 0) cells.push(`M${x} ${y}h1v1h-1z`);
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 27 27" shape-rendering="crispEdges"><rect x="-1" y="-1" width="27" height="27" fill="#fff"/><path d="${cells.join('')}"/></svg>`;
})();

const recoveryCodes = () => Array.from({ length: 10 }, () => randomBytes(5).toString('hex').replace(/(.{5})/, '$1-'));
const ceremony = () => ({ ceremony: randomUUID(), public_key: { challenge: randomBytes(32).toString('base64url'), rpId: 'localhost', timeout: 60_000, userVerification: 'preferred' } });

/** Wrong attempts: too many are told to wait. */
function wrong(problem, status, code, detail) {
  state.failures += 1;
  if (state.failures > 3) {
    state.failures = 0;
    return problem(429, 'too_many_attempts', 'too many failed attempts; wait before the next one', { 'retry-after': '20' });
  }
  return problem(status, code, detail);
}

/** The factor that was proved; undefined after it answered that it was wrong. */
function factor(kind, name) {
  const made = { id: randomUUID(), kind, name, created_at: now(), last_used_at: null, confirmed: true };
  const first = !state.factors.some((each) => each.kind !== 'recovery_codes');
  state.factors.push(made);
  if (!first) return null;
  state.remaining = 10;
  return recoveryCodes();
}

function challengeOf(execution) {
  const { id, flow, stages, at, endpoint, application, approval: request } = execution;
  let stage = stages[at];
  if (stage.type === 'approval') {
    stage = {
      ...stage, approvers: ['Team leads', 'boris'], state: request?.state ?? 'reason_needed',
      requested_at: request?.requested_at ?? null, expires_at: request?.expires_at ?? null,
      comment: request?.comment ?? '', decided_by: request?.decided_by ?? null,
    };
  }
  return { type: 'challenge', execution: id, expires_at: execution.expiresAt, flow, application, endpoint, step: at + 1, steps: stages.length, stage };
}

/** A launch that asks first, or is refused; undefined when it just opens. */
export function beforeLaunch(application, endpoint, problem) {
  if (REFUSED[endpoint.name]) return problem(...REFUSED[endpoint.name]);
  const flow = FLOWS[endpoint.name];
  if (!flow) return undefined;
  const id = randomUUID();
  const execution = { id, ...flow, at: 0, expiresAt: inMs(10 * 60_000), application: { slug: application.slug, name: application.name }, endpoint: { id: endpoint.id, name: endpoint.name, protocol: endpoint.protocol } };
  state.executions.set(id, execution);
  return { answer: challengeOf(execution) };
}

function answerFlow(execution, body, problem, open) {
  const stage = execution.stages[execution.at];
  const next = () => {
    execution.at += 1;
    if (execution.at < execution.stages.length) return { status: 200, body: challengeOf(execution) };
    state.executions.delete(execution.id);
    return { status: 200, body: open(execution.application.slug, execution.endpoint.id) };
  };
  switch (stage.type) {
    case 'prompt': {
      const errors = stage.fields
        .filter((field) => field.name === 'ticket' && !/^OPS-\d+$/.test(body.fields?.ticket ?? ''))
        .map((field) => ({ field: `fields.${field.name}`, code: 'invalid', message: 'There is no such ticket: write it as OPS-1234.' }));
      return errors.length > 0 ? problem(422, 'invalid', 'some answers cannot be taken', {}, { errors }) : next();
    }
    case 'password':
      return body.password === PASSWORD ? next() : wrong(problem, 403, 'factor_wrong', 'the password is wrong');
    case 'totp':
      return body.code === CODE ? next() : wrong(problem, 403, 'factor_wrong', 'the code is wrong');
    case 'approval': {
      if (execution.approval?.state === 'approved') return next();
      if (execution.approval) return { status: 200, body: challengeOf(execution) };
      execution.approval = { ...approval('admin', execution.application.name, execution.endpoint.name, body.reason, 'waiting', 0), mine_to_decide: true };
      state.approvals.unshift(execution.approval);
      return { status: 200, body: challengeOf(execution) };
    }
    default:
      return next();
  }
}

/** What needs no sign-in. */
export function answerOpen(route, body, problem) {
  if (route === 'GET /sources') return { status: 200, body: { items: process.env.NO_SOURCES ? [] : SOURCES, next: null } };
  if (/^GET \/sources\/[^/]+\/sign-in$/.test(route)) return { status: 302, headers: { location: '/?sign_in_error=denied' } };
  if (route === 'POST /session') {
    if (body.password !== PASSWORD) return wrong(problem, 401, 'credentials_wrong', 'the username or the password is wrong');
    if (body.username !== 'ada') return { status: 200, body: { type: 'signed_in', expires_at: inMs(8 * HOUR) }, headers: COOKIE };
    return { status: 200, body: { type: 'second_factor', sign_in: 'half', methods: ['totp', 'webauthn', 'recovery_code'], public_key: ceremony().public_key, expires_at: inMs(5 * 60_000) } };
  }
  if (route === 'POST /session/second-factor') {
    const right = body.method === 'webauthn' || body.code === CODE || (body.method === 'recovery_code' && body.code.length > 6);
    if (!right) return wrong(problem, 401, 'factor_wrong', 'the code is wrong');
    return { status: 200, body: { type: 'signed_in', expires_at: inMs(8 * HOUR) }, headers: COOKIE };
  }
  if (route === 'POST /session/passkey/options') return { status: 200, body: ceremony() };
  if (route === 'POST /session/passkey') return { status: 200, body: { type: 'signed_in', expires_at: inMs(8 * HOUR) }, headers: COOKIE };
  return undefined;
}

/** What `/me` tells beside the name. */
/** What `ROLE` may, for looking at the pages as somebody else. */
const RIGHTS = {
  admin: { admin: true, audit: true, operates: [] },
  auditor: { admin: false, audit: true, operates: [] },
  operator: { admin: false, audit: false, operates: ['site'] },
  user: { admin: false, audit: false, operates: [] },
};

export function meMore() {
  return {
    email: 'ada@example.org', groups: [], expires_at: inMs(8 * HOUR), rights: RIGHTS[process.env.ROLE ?? 'admin'],
    methods: ['password'], confirmed_at: null, has_password: state.hasPassword, source: null,
  };
}

/** What needs a sign-in; `open` makes a connection. Undefined when it is not of the portal. */
export function answerPortal(route, body, problem, open) {
  const fresh = Date.now() - state.confirmedAt < CONFIRMED_MS;
  const needed = () => problem(403, 'confirmation_needed', 'confirm first that it is you');
  const ok = (answer, status = 200) => ({ status, body: answer });
  const list = (items) => ok({ items, next: null });
  const id = route.split('/').at(-1);

  if (route === 'GET /me/factors') {
    const codes = state.remaining > 0 ? [{ id: 'codes', kind: 'recovery_codes', name: '', created_at: now(), last_used_at: null, confirmed: true, remaining: state.remaining }] : [];
    return list([...state.factors, ...codes]);
  }
  if (route === 'POST /me/confirm/options') return ok(ceremony());
  if (route === 'POST /me/confirm') {
    if (body.password !== PASSWORD && body.code !== CODE && !body.credential) return wrong(problem, 403, 'factor_wrong', 'that is wrong');
    state.confirmedAt = Date.now();
    return { status: 204 };
  }
  if (route === 'POST /me/factors/totp') {
    if (!fresh) return needed();
    const made = randomUUID();
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    return ok({ id: made, secret, otpauth_url: `otpauth://totp/Causeway:admin?secret=${secret}&issuer=Causeway`, qr_svg: QR });
  }
  if (/^POST \/me\/factors\/totp\/[^/]+\/confirm$/.test(route)) {
    if (body.code !== CODE) return wrong(problem, 403, 'factor_wrong', 'the code is wrong');
    return ok({ recovery_codes: factor('totp', 'Authenticator app') });
  }
  if (route === 'POST /me/factors/webauthn/options') {
    if (!fresh) return needed();
    const rp = { id: 'localhost', name: 'Causeway' };
    const user = { id: 'Zm9v', name: 'admin', displayName: 'Ada Marsh' };
    return ok({ ceremony: randomUUID(), public_key: { rp, user, challenge: 'Zm9vYmFy', pubKeyCredParams: [{ type: 'public-key', alg: -7 }], authenticatorSelection: { residentKey: 'preferred' } } });
  }
  if (route === 'POST /me/factors/webauthn') return ok({ recovery_codes: factor('webauthn', body.name) });
  if (/^DELETE \/me\/factors\//.test(route)) {
    if (!fresh) return needed();
    state.factors = state.factors.filter((each) => each.id !== id);
    if (state.factors.length === 0) state.remaining = 0;
    return { status: 204 };
  }
  if (route === 'POST /me/recovery-codes') {
    if (!fresh) return needed();
    state.remaining = 10;
    return ok({ codes: recoveryCodes() });
  }
  if (route === 'PUT /me/password') {
    if (body.current !== PASSWORD) return wrong(problem, 403, 'factor_wrong', 'the present password is wrong');
    return { status: 204 };
  }
  if (route === 'GET /me/sessions') return list(state.sessions);
  if (route === 'DELETE /me/sessions') {
    state.sessions = state.sessions.filter((each) => each.current);
    return { status: 204 };
  }
  if (/^DELETE \/me\/sessions\//.test(route)) {
    state.sessions = state.sessions.filter((each) => each.id !== id);
    return { status: 204 };
  }
  if (route === 'GET /me/tokens') return list(state.tokens);
  if (route === 'POST /me/tokens') {
    if (!fresh) return needed();
    const made = { id: randomUUID(), name: body.name, scope: body.scope, created_at: now(), expires_at: body.expires_at ?? null };
    state.tokens.push(made);
    return ok({ ...made, token: `cwt_${randomBytes(30).toString('base64url')}` }, 201);
  }
  if (/^DELETE \/me\/tokens\//.test(route)) {
    state.tokens = state.tokens.filter((each) => each.id !== id);
    return { status: 204 };
  }

  const flow = /^(GET|POST|DELETE) \/flows\/([^/]+)$/.exec(route);
  if (flow) {
    const execution = state.executions.get(flow[2]);
    if (!execution) return problem(404, 'execution_not_found', 'this launch is over or was never yours');
    if (flow[1] === 'GET') return ok(challengeOf(execution));
    if (flow[1] === 'POST') return answerFlow(execution, body, problem, open);
    state.executions.delete(execution.id);
    if (execution.approval?.state === 'waiting') execution.approval.state = 'withdrawn';
    return { status: 204 };
  }

  for (const each of state.approvals) if (each.state === 'waiting' && Date.parse(each.expires_at) < Date.now()) each.state = 'expired';
  if (route === 'GET /approvals?state=waiting') return list(state.approvals.filter((each) => each.state === 'waiting'));
  if (route === 'GET /approvals') return list(state.approvals);
  const decided = /^(GET|POST) \/approvals\/([^/]+)$/.exec(route);
  if (decided) {
    const found = state.approvals.find((each) => each.id === decided[2]);
    if (!found) return problem(404, 'approval_not_found', 'there is no such request');
    if (decided[1] === 'GET') return ok(found);
    if (found.state !== 'waiting') return problem(409, 'already_decided', 'somebody has decided it already');
    Object.assign(found, { state: body.decision === 'approve' ? 'approved' : 'denied', decided_by: 'admin', decided_at: now(), comment: body.comment ?? '' });
    return ok(found);
  }
  return undefined;
}
