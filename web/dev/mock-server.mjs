/**
 * A server to look at the pages with: the API's shape from memory, sessions
 * with a shell or a desktop that runs nothing, and the built pages under the
 * policy that the real server sends. Loopback only, for development only.
 *
 *   npm run build && npm run dev:mock     http://127.0.0.1:4180, admin / causeway
 *
 * `/mock/inputs/CONNECTION` tells what a viewer sent to a desktop;
 * `/mock/drop/CONNECTION` cuts its socket, `/mock/away/CONNECTION` for a while.
 */

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer as createVite } from 'vite';
import { WebSocketServer } from 'ws';

import { admin } from './mock-admin.mjs';
import { APPLICATIONS, ME, PASSWORD } from './mock-data.mjs';
import { MockSession } from './mock-node.mjs';
import { answerOpen, answerPortal, beforeLaunch, meMore } from './mock-portal.mjs';

const HOST = '127.0.0.1';
const PORT = Number(process.env.PORT ?? 4180);
const EDGE_PORT = PORT + 1;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const SCHEMA = '/src/wire/generated/causeway/session/v1/session_pb.ts';

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  `connect-src 'self' ws://${HOST}:${EDGE_PORT}`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

const vite = await createVite({ root: ROOT, server: { middlewareMode: true, ws: false, watch: null }, appType: 'custom' });
const schema = await vite.ssrLoadModule(SCHEMA);

const connections = new Map();
const sessions = new Map();

const reply = (response, status, body, headers = {}) => {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
};

const problem = (response, status, code, detail, headers) =>
  reply(response, status, { type: `urn:causeway:problem:${code}`, title: code, status, code, detail }, headers);

function myApplications() {
  const live = [...connections.values()].filter(({ state }) => state !== 'ended');
  const withLive = (endpoint) => ({
    ...endpoint,
    connections: live.filter((each) => each.endpoint === endpoint.id).map(({ id }) => id),
  });
  return process.env.EMPTY
    ? []
    : APPLICATIONS.map((each) => ({ ...each, endpoints: each.endpoints.map(withLive) }));
}

const passage = (connection) => ({
  connection,
  edge_url: `ws://${HOST}:${EDGE_PORT}/edge/v1/connect`,
  ticket: connection.id,
});

function endConnection(connection, reason, code = null) {
  Object.assign(connection, { state: 'ended', ended_at: new Date().toISOString(), end_reason: reason, end_code: code });
}

/** A refusal where every place is taken: `brief` has one, `paper` has one that somebody else has. */
function full({ id, name }, refusal) {
  if (name !== 'brief' && name !== 'paper') return undefined;
  const own = [...connections.values()].filter((each) => each.endpoint === id && each.state !== 'ended');
  if (name === 'brief' && own.length === 0) return undefined;
  const more = own.length > 0 ? { connections: own.map((each) => each.id) } : {};
  return refusal(409, 'maximum_connections_reached', 'Maximum connection limit reached.', {}, more);
}

function launch(slug, endpointId) {
  const application = APPLICATIONS.find((each) => each.slug === slug);
  const endpoint = application?.endpoints.find(({ id, name }) => id === endpointId || name === endpointId);
  if (!endpoint) return undefined;
  const connection = {
    id: crypto.randomUUID(),
    state: 'pending',
    protocol: endpoint.protocol,
    application: slug,
    application_name: application.name,
    endpoint: endpoint.id,
    endpoint_name: endpoint.name,
    created_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + 8 * 3_600_000).toISOString(),
    ended_at: null,
    end_reason: null,
    end_code: null,
  };
  connections.set(connection.id, connection);
  return { type: 'connection', ...passage(connection) };
}

async function api(request, response, path, search) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
  const route = `${request.method} ${path}`;
  const refusal = (status, code, detail, headers = {}, more = {}) => ({
    status,
    headers,
    body: { type: `urn:causeway:problem:${code}`, title: code, status, code, detail, ...more },
  });
  const open = answerOpen(route, body, refusal);
  if (open) return reply(response, open.status, open.body, open.headers);
  if (!request.headers.cookie?.includes('causeway=mock')) {
    return problem(response, 401, 'not_signed_in', 'sign in first');
  }
  if (route === 'DELETE /session') {
    return reply(response, 204, undefined, { 'set-cookie': 'causeway=; Path=/; Max-Age=0' });
  }
  if (route === 'GET /me') return reply(response, 200, { ...ME, ...meMore() });
  const portal = answerPortal(route + (path === '/approvals' ? search : ''), body, refusal, launch);
  if (portal) return reply(response, portal.status, portal.body, portal.headers);
  if (path.startsWith('/admin/')) {
    const query = new URL(request.url, 'http://localhost').searchParams;
    return reply(response, ...admin(request.method, path.slice('/admin'.length), query, body, request.headers));
  }
  if (route === 'GET /applications') return reply(response, 200, { items: myApplications(), next: null });
  if (route === 'GET /connections') return reply(response, 200, { items: [...connections.values()], next: null });
  const launched = /^POST \/applications\/([^/]+)\/endpoints\/([^/]+)\/launch$/.exec(route);
  if (launched) {
    const [slug, wanted] = launched.slice(1).map(decodeURIComponent);
    const application = APPLICATIONS.find((each) => each.slug === slug);
    const endpoint = application?.endpoints.find(({ id, name }) => id === wanted || name === wanted);
    const first = endpoint && (full(endpoint, refusal) ?? beforeLaunch(application, endpoint, refusal));
    if (first) return reply(response, first.status ?? 200, first.answer ?? first.body);
    const answer = launch(slug, wanted);
    return answer ? reply(response, 201, answer) : problem(response, 404, 'not_found', 'there is no such endpoint');
  }
  const one = /^(GET|POST|DELETE) \/connections\/([^/]+)(\/ticket)?$/.exec(route);
  const connection = one && connections.get(one[2]);
  if (!connection) return problem(response, 404, 'not_found', 'there is no such connection');
  if (one[1] === 'GET') return reply(response, 200, connection);
  if (one[3] === undefined) {
    sessions.get(connection.id)?.end('terminated');
    endConnection(connection, 'terminated');
    return reply(response, 204);
  }
  if (connection.awayUntil > Date.now()) return problem(response, 503, 'no_node', 'no node is reachable');
  if (connection.state === 'ended') return problem(response, 409, 'connection_ended', 'the session has ended');
  return reply(response, 200, passage(connection));
}

async function page(response, path) {
  const wanted = normalize(join(DIST, path));
  const file = wanted.startsWith(join(DIST, 'assets')) ? wanted : join(DIST, 'index.html');
  try {
    const content = await readFile(file);
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    response.end(content);
  } catch {
    response.writeHead(404).end('run `npm run build` first');
  }
}

/** For tests: what came to a desktop, and a way to lose the socket. */
async function mock(response, path) {
  const [, , what, id] = path.split('/');
  const session = sessions.get(id);
  if (!session) return problem(response, 404, 'not_found', 'there is no such session');
  if (what === 'drop' || what === 'away') session.socket?.terminate();
  if (what === 'away') session.connection.awayUntil = Date.now() + 6000;
  return reply(response, 200, session.desktop?.inputs ?? []);
}

createServer((request, response) => {
  const { pathname: path, search } = new URL(request.url ?? '/', 'http://localhost');
  const served = path.startsWith('/mock/') ? mock(response, path) : path.startsWith('/api/v1') ? api(request, response, path.slice(7), search) : page(response, path);
  served.catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(PORT, HOST, () => console.log(`http://${HOST}:${PORT}  ${ME.username} / ${PASSWORD}`));

const edge = new WebSocketServer({ host: HOST, port: EDGE_PORT, handleProtocols: () => 'causeway.v1' });
edge.on('connection', (socket, request) => {
  const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(/,\s*/);
  const ticket = offered.find((each) => each.startsWith('ticket.'))?.slice('ticket.'.length);
  const connection = ticket && connections.get(ticket);
  if (!connection || connection.state === 'ended') {
    socket.terminate();
    return;
  }
  connection.state = 'active';
  let session = sessions.get(connection.id);
  if (!session) {
    session = new MockSession(schema, connection, (reason, code) => endConnection(connection, reason, code));
    sessions.set(connection.id, session);
  }
  session.attach(socket);
  socket.on('close', () => {
    if (connection.state === 'active' && !session.socket) connection.state = 'detached';
  });
});
