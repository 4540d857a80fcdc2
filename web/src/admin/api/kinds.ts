/** What the kinds are called, in addresses, in documents and for people. */

import type { Kind, ObjectOf } from './objects';

type Names = {
  /** In documents and references. */
  word: string;
  one: string;
  many: string;
};

const KINDS: Record<Kind, Names> = {
  applications: { word: 'application', one: 'application', many: 'Applications' },
  providers: { word: 'provider', one: 'provider', many: 'Providers' },
  endpoints: { word: 'endpoint', one: 'endpoint', many: 'Endpoints' },
  'property-mappings': { word: 'property_mapping', one: 'property mapping', many: 'Property mappings' },
  policies: { word: 'policy', one: 'policy', many: 'Policies' },
  'policy-bindings': { word: 'policy_binding', one: 'policy binding', many: 'Policy bindings' },
  flows: { word: 'flow', one: 'flow', many: 'Flows' },
  sources: { word: 'source', one: 'source', many: 'Sources' },
  outposts: { word: 'outpost', one: 'outpost', many: 'Outposts' },
  nodes: { word: 'node', one: 'node', many: 'Nodes' },
  users: { word: 'user', one: 'user', many: 'Users' },
  groups: { word: 'group', one: 'group', many: 'Groups' },
  sessions: { word: 'session', one: 'session', many: 'Sign-in sessions' },
  tokens: { word: 'token', one: 'API token', many: 'API tokens' },
  connections: { word: 'connection', one: 'connection', many: 'Connections' },
  events: { word: 'event', one: 'event', many: 'Events' },
};

export function namesOf(kind: Kind): Names {
  return KINDS[kind];
}

/** Words as they stand inside a sentence: `Endpoints` small, `API tokens` as it is. */
export function inSentence(words: string): string {
  return /^[A-Z][a-z]/.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words;
}

/** The kind that a document calls `word`: `property_mapping` and `property-mapping` alike. */
export function kindOfWord(word: string): Kind | undefined {
  const plain = word.replaceAll('-', '_');
  return (Object.keys(KINDS) as Kind[]).find((kind) => KINDS[kind].word === plain);
}

export function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text);
}

/** What an object is called among people. */
export function titleOf<K extends Kind>(kind: K, object: ObjectOf[K]): string {
  const fields = object as Record<string, unknown>;
  const named = kind === 'users' ? fields.username : (fields.name ?? fields.endpoint_name);
  return typeof named === 'string' && named !== '' ? named : String(fields.id);
}

/** The page of an object, or of a kind. */
export function pathOf(kind: Kind, id?: string, tab?: string): string {
  const parts = [kind, ...(id === undefined ? [] : [encodeURIComponent(id)]), ...(tab === undefined ? [] : [tab])];
  return `/admin/${parts.join('/')}`;
}
