/** The calls of the API that the pages make. */

import { call } from './call';
import { ApiError } from './problem';
import { begin, remember, traceOf, traces } from './trace';
import type { Connection, LaunchAnswer, Me, MyApplication, Passage } from './types';

/** Pages of a list that are read at most. */
const PAGES_MAX = 20;

/** Who is signed in; undefined when nobody is. */
export async function me(): Promise<Me | undefined> {
  try {
    const answer = await call('get', '/api/v1/me');
    traces(answer.traces);
    return answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}

export function applications(): Promise<MyApplication[]> {
  return all((query) => call('get', '/api/v1/applications', { query }));
}

/** Mine, newest first, with those that ended lately. */
export function connections(): Promise<Connection[]> {
  return all((query) => call('get', '/api/v1/connections', { query: { ...query, all: 'true' } }));
}

export function connection(id: string): Promise<Connection> {
  return call('get', '/api/v1/connections/{id}', { names: { id } });
}

export async function launch(slug: string, endpoint: string): Promise<LaunchAnswer> {
  const path = '/api/v1/applications/{slug}/endpoints/{endpoint}/launch';
  const trace = begin();
  const answer = (await call('post', path, { names: { slug, endpoint }, trace })) as LaunchAnswer;
  remember(answer.type === 'connection' ? answer.connection.id : answer.execution, trace);
  return answer;
}

export function ticket(id: string): Promise<Passage> {
  return call('post', '/api/v1/connections/{id}/ticket', { names: { id }, trace: traceOf(id) });
}

export async function terminate(id: string): Promise<void> {
  await call('delete', '/api/v1/connections/{id}', { names: { id } });
}

type Page<Item> = { items: Item[]; next?: string | null };

/** A whole list, page by page. */
async function all<Item>(
  read: (query: Record<string, string>) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let query = {};
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { items: more, next } = await read(query);
    items.push(...more);
    if (typeof next !== 'string') break;
    query = { cursor: next };
  }
  return items;
}
