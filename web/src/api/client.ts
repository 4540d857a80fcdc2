/** The calls of the API that the pages make. The session cookie rides along by itself. */

import { ApiError, readProblem, UNREACHABLE } from './problem';
import type { Connection, LaunchAnswer, List, Me, MyApplication, Passage } from './types';

const BASE = '/api/v1';

/** No call may keep a person waiting for longer, ms. */
const CALL_TIMEOUT_MS = 15_000;

/** Pages of a list that are read at most. */
const PAGES_MAX = 20;

export function signIn(username: string, password: string): Promise<unknown> {
  return call('POST', '/session', { username, password });
}

export function signOut(): Promise<unknown> {
  return call('DELETE', '/session');
}

/** Who is signed in; undefined when nobody is. */
export async function me(): Promise<Me | undefined> {
  try {
    return (await call('GET', '/me')) as Me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}

export function applications(): Promise<MyApplication[]> {
  return all<MyApplication>('/applications');
}

/** Mine, newest first, with those that ended lately. */
export function connections(): Promise<Connection[]> {
  return all<Connection>('/connections?all=true');
}

export async function connection(id: string): Promise<Connection> {
  return (await call('GET', `/connections/${encodeURIComponent(id)}`)) as Connection;
}

export async function launch(slug: string, endpoint: string): Promise<LaunchAnswer> {
  const path = `/applications/${encodeURIComponent(slug)}/endpoints/${encodeURIComponent(endpoint)}/launch`;
  return (await call('POST', path)) as LaunchAnswer;
}

export async function ticket(connection: string): Promise<Passage> {
  return (await call('POST', `/connections/${encodeURIComponent(connection)}/ticket`)) as Passage;
}

export function terminate(connection: string): Promise<unknown> {
  return call('DELETE', `/connections/${encodeURIComponent(connection)}`);
}

async function all<Item>(path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const joint = path.includes('?') ? '&' : '?';
    const query: string = cursor === null ? '' : `${joint}cursor=${encodeURIComponent(cursor)}`;
    const list = (await call('GET', path + query)) as List<Item>;
    items.push(...list.items);
    cursor = list.next;
    if (cursor === null) break;
  }
  return items;
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch {
    throw new ApiError(0, UNREACHABLE, '');
  }
  if (!response.ok) throw await readProblem(response);
  if (response.status === 204) return undefined;
  try {
    return await response.json();
  } catch {
    throw new ApiError(0, UNREACHABLE, '');
  }
}
