/** Which fields of a document refer to other objects, so that names can stand in for ids. */

import { isMap } from './diff';

type Name = (kind: string, id: string) => string;

/** Field to the kind that it names, by kind of the document. */
const REFERENCES: Record<string, Record<string, string>> = {
  applications: { provider: 'provider' },
  providers: { property_mappings: 'property_mapping', authorization_flow: 'flow', outposts: 'outpost' },
  endpoints: { provider: 'provider', property_mappings: 'property_mapping' },
  'policy-bindings': { policy: 'policy', group: 'group', user: 'user' },
  users: { groups: 'group', operates: 'application' },
  groups: { operates: 'application' },
};

/** The document with names for ids; ids of stages, which only one installation knows, are left out. */
export function referencesIn(kind: string, document: Record<string, unknown>, name: Name): Record<string, unknown> {
  const fields = REFERENCES[kind] ?? {};
  const written = Object.entries(document).map(([field, value]) => {
    const of = fields[field];
    if (of !== undefined) return [field, renamed(value, of, name)];
    return [field, kind === 'flows' && field === 'stages' ? stages(value, name) : value];
  });
  return Object.fromEntries(written) as Record<string, unknown>;
}

function renamed(value: unknown, kind: string, name: Name): unknown {
  if (typeof value === 'string') return value === '' ? value : name(kind, value);
  return Array.isArray(value) ? value.map((each) => renamed(each, kind, name)) : value;
}

function stages(value: unknown, name: Name): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((stage: unknown) => {
    if (!isMap(stage)) return stage;
    const { id: _, ...fields } = stage;
    return {
      ...fields,
      ...('groups' in fields ? { groups: renamed(fields.groups, 'group', name) } : {}),
      ...('users' in fields ? { users: renamed(fields.users, 'user', name) } : {}),
    };
  });
}
