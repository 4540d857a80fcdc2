/** The calls that the admin pages make. A sign-in that is over leads to the sign-in page. */

import { download, request, type Method } from '../../api/call';
import { ApiError } from '../../api/problem';
import { lapsed } from '../../app/account.svelte';
import { gatherParts } from '../core/parts';
import type {
  ExplainCase, ExpressionCheck, ExpressionPurpose, Explanation, JoinToken, Overview, PolicyCase, PolicyTest, SettingEntry, Use,
} from './answers';
import type { Edge, Kind, Node, ObjectOf, Settings, Token, TokenScope } from './objects';

const ROOT = '/api/v1/admin';

export type Page<Item> = { items: Item[]; next?: string | null };
export type Query = Record<string, string>;

/** What is taken and probably not meant, with the object that was written. */
export type Written<Object> = Object & { warnings?: { field: string; message: string }[] };

type Extras = { names?: Record<string, string>; query?: Query; body?: unknown; version?: number };

async function admin<Body>(method: Method, path: string, extras: Extras = {}): Promise<Body> {
  try {
    return (await request(method, ROOT + path, extras)) as Body;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) lapsed();
    throw error;
  }
}

export function list<K extends Kind>(kind: K, query: Query): Promise<Page<ObjectOf[K]>> {
  return admin('get', `/${kind}`, { query });
}

export function find<K extends Kind>(kind: K, id: string): Promise<ObjectOf[K]> {
  return admin('get', `/${kind}/{id}`, { names: { id } });
}

export function create<K extends Kind>(kind: K, spec: unknown): Promise<Written<ObjectOf[K]>> {
  return admin('post', `/${kind}`, { body: spec });
}

export function update<K extends Kind>(
  kind: K,
  id: string,
  spec: unknown,
  version?: number,
): Promise<Written<ObjectOf[K]>> {
  return admin('put', `/${kind}/{id}`, { names: { id }, body: spec, ...(version === undefined ? {} : { version }) });
}

export function remove(kind: Kind, id: string): Promise<void> {
  return admin('delete', `/${kind}/{id}`, { names: { id } });
}

export function edges(): Promise<Page<Edge>> {
  return admin('get', '/edges', { query: {} });
}

export function overview(): Promise<Overview> {
  return admin('get', '/overview');
}

export function settingsCatalogue(): Promise<{ items: SettingEntry[] }> {
  return admin('get', '/settings-catalogue');
}

/** What refers to an object; `kind` in the singular, as documents write it. */
export async function usedBy(kind: string, id: string): Promise<Use[]> {
  const { items } = await admin<{ items: Use[] }>('get', '/used-by', { query: { kind, id } });
  return items;
}

export function checkExpression(expression: string, purpose: ExpressionPurpose): Promise<ExpressionCheck> {
  return admin('post', '/expressions/check', { body: { expression, purpose } });
}

export function testPolicy(body: PolicyCase): Promise<PolicyTest> {
  return admin('post', '/policies/test', { body });
}

export function explain(
  endpoint: string,
  body: Omit<ExplainCase, 'connection_settings'> & { connection_settings?: Settings },
): Promise<Explanation> {
  return admin('post', '/endpoints/{id}/explain', { names: { id: endpoint }, body });
}

export function joinOutpost(outpost: string): Promise<JoinToken> {
  return admin('post', '/outposts/{id}/join', { names: { id: outpost } });
}

export function updateNode(id: string, body: { weight: number; drained: boolean }): Promise<Node> {
  return admin('put', '/nodes/{id}', { names: { id }, body });
}

export function resetFactors(user: string): Promise<void> {
  return admin('delete', '/users/{id}/factors', { names: { id: user } });
}

export type NewToken = Token & { token: string };

export function createToken(body: {
  name: string;
  user: string;
  scope: TokenScope;
  expires_at: string | null;
}): Promise<NewToken> {
  return admin('post', '/tokens', { body });
}

/** The events that a filter takes, as a file of JSON lines. */
export async function exportEvents(query: Query): Promise<Blob> {
  const text = new URLSearchParams(query).toString();
  const address = `${ROOT}/events/export${text === '' ? '' : `?${text}`}`;
  try {
    return await gatherParts(address, download);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) lapsed();
    throw error;
  }
}
