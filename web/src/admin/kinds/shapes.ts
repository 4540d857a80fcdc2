/** How the document of each kind is made: empty, from an object, and for a copy. */

import type {
  Application, Endpoint, EngineMode, Flow, Group, Outpost, Policy, PropertyMapping, Provider, Role, Settings, Source, User,
} from '../api/objects';
import type { Shape } from '../form/object-form.svelte';

/** A shape from what a document holds at first; its fields are those of the object that people write. */
function shape<Stored extends object, Spec extends object>(
  blank: Spec,
  renamed: (spec: Spec) => Spec,
  required: readonly (keyof Spec & string)[],
): Shape<Stored, Spec> {
  const names = Object.keys(blank) as (keyof Spec)[];
  const specOf = (stored: Stored): Spec => {
    const fields = stored as unknown as Spec;
    return Object.fromEntries(names.map((name) => [name, structuredClone(fields[name] ?? blank[name])])) as Spec;
  };
  return { blank: () => structuredClone(blank), specOf, renamed, required };
}

const another = <Spec extends { name: string }>(spec: Spec): Spec => ({ ...spec, name: `${spec.name}-copy` });

const anotherSlug = <Spec extends { name: string; slug: string }>(spec: Spec): Spec => ({
  ...spec,
  name: `${spec.name} (copy)`,
  slug: `${spec.slug}-copy`,
});

export type ApplicationSpec = Pick<Application, 'slug' | 'name' | 'icon' | 'group' | 'provider' | 'policy_engine_mode'>;

export const APPLICATION = shape<Application, ApplicationSpec>(
  { slug: '', name: '', icon: '', group: '', provider: '', policy_engine_mode: 'any' },
  // A provider serves one application.
  (spec) => ({ ...anotherSlug(spec), provider: '' }),
  ['name', 'slug', 'provider'],
);

export type ProviderSpec = Pick<
  Provider,
  'name' | 'settings' | 'property_mappings' | 'authorization_flow' | 'connection_expiry' | 'delete_token_on_disconnect' | 'outposts'
>;

export const PROVIDER = shape<Provider, ProviderSpec>(
  {
    name: '',
    settings: {},
    property_mappings: [],
    authorization_flow: null,
    connection_expiry: '8h',
    delete_token_on_disconnect: false,
    outposts: [],
  },
  another,
  ['name', 'connection_expiry'],
);

export type EndpointSpec = {
  name: string;
  provider: string;
  protocol: Endpoint['protocol'];
  host: string;
  settings: Settings;
  property_mappings: string[];
  maximum_connections: number;
  labels: Record<string, string>;
  policy_engine_mode: EngineMode;
};

export const ENDPOINT = shape<Endpoint, EndpointSpec>(
  {
    name: '',
    provider: '',
    protocol: 'ssh',
    host: '',
    settings: {},
    property_mappings: [],
    maximum_connections: 1,
    labels: {},
    policy_engine_mode: 'any',
  },
  another,
  ['name', 'provider', 'host'],
);

export type MappingSpec = Pick<PropertyMapping, 'name' | 'static_settings' | 'expression'>;
export const MAPPING = shape<PropertyMapping, MappingSpec>({ name: '', static_settings: {}, expression: '' }, another, ['name']);

export type PolicySpec = Pick<Policy, 'name' | 'expression'>;
export const POLICY = shape<Policy, PolicySpec>({ name: '', expression: '' }, another, ['name', 'expression']);

export type FlowSpec = Pick<Flow, 'name' | 'title' | 'stages'>;
export const FLOW = shape<Flow, FlowSpec>(
  { name: '', title: '', stages: [] },
  (spec) => ({
    ...another(spec),
    // A stage's id belongs to its flow.
    stages: spec.stages.map(({ id: _, ...stage }) => stage),
  }),
  ['name'],
);

export type SourceSpec = Omit<Source, 'id' | 'version' | 'created_at' | 'updated_at'>;

export const SOURCE = shape<Source, SourceSpec>(
  {
    slug: '',
    name: '',
    icon: '',
    enabled: true,
    issuer: '',
    client_id: '',
    client_secret: null,
    scopes: ['openid', 'profile', 'email'],
    username_claim: 'preferred_username',
    groups_claim: 'groups',
    attributes: '',
    matching: 'create',
  },
  anotherSlug,
  ['name', 'slug', 'issuer', 'client_id'],
);

export type OutpostSpec = Pick<Outpost, 'name' | 'labels'>;
export const OUTPOST = shape<Outpost, OutpostSpec>({ name: '', labels: {} }, another, ['name']);

export type UserSpec = Pick<User, 'username' | 'name' | 'email' | 'role' | 'groups' | 'operates' | 'attributes' | 'active'> & {
  password?: string;
};

export const USER = shape<User, UserSpec>(
  { username: '', name: '', email: '', role: 'user' as Role, groups: [], operates: [], attributes: {}, active: true },
  (spec) => ({ ...spec, username: '', name: '', email: '' }),
  ['username'],
);

export type GroupSpec = Pick<Group, 'name' | 'role' | 'operates' | 'attributes'>;
export const GROUP = shape<Group, GroupSpec>({ name: '', role: 'user', operates: [], attributes: {} }, another, ['name']);
