/**
 * Names of objects by their ids. Objects refer to each other by id, people by
 * name: what a page shows is asked for in one list where that is enough, one
 * by one where it is not, and kept while the page is open.
 */

import { SvelteMap } from 'svelte/reactivity';

import * as api from './api/client';
import { titleOf } from './api/kinds';
import type { Kind, ObjectOf } from './api/objects';
import { Queue } from './core/queue';

/** Names that are asked for at once. */
const AT_ONCE = 6;

/** What an id is told as when nothing is known of it. */
const GONE = '';

const known = new SvelteMap<string, string>();
const queue = new Queue<Kind>((kind, ids) => void learn(kind, ids));
/** Kinds whose first names were listed. */
const listed: Partial<Record<Kind, true>> = {};

/** The name, `''` for an object that is not found, undefined while it is being asked for. */
export function nameOf(kind: Kind, id: string): string | undefined {
  const name = known.get(`${kind}/${id}`);
  if (name === undefined) queue.add(kind, id);
  return name;
}

/** Notes what an object is called, as it was just read. */
export function remember<K extends Kind>(kind: K, object: ObjectOf[K]): void {
  known.set(`${kind}/${object.id}`, titleOf(kind, object));
}

async function learn(kind: Kind, ids: string[]): Promise<void> {
  try {
    if (!listed[kind]) {
      listed[kind] = true;
      const { items } = await api.list(kind, { limit: '100' });
      for (const item of items) remember(kind, item);
    }
  } catch {
    // One by one, then; who may not list may still find.
  }
  const missing = ids.filter((id) => !known.has(`${kind}/${id}`));
  for (let at = 0; at < missing.length; at += AT_ONCE) {
    await Promise.all(missing.slice(at, at + AT_ONCE).map((id) => learnOne(kind, id)));
  }
}

async function learnOne(kind: Kind, id: string): Promise<void> {
  try {
    const object = await api.find(kind, id);
    known.set(`${kind}/${id}`, titleOf(kind, object));
  } catch {
    known.set(`${kind}/${id}`, GONE);
  }
}
