/**
 * The objects of the administration as the API shows them, under short names.
 *
 * The server always sends every field; its description calls those optional
 * that a writer may leave out, hence `Full`.
 */

import type { components } from '../../api/generated/schema';

type Schemas = components['schemas'];

/** The same with every field there, unions case by case. */
type Full<T> = T extends unknown ? { [Name in keyof T]-?: Exclude<T[Name], undefined> } : never;

export type Protocol = Schemas['Protocol'];
export type EngineMode = Schemas['EngineMode'];
export type Role = Schemas['Role'];

/** Free names and values; a setting's value may be a map or a list, too. */
export type Settings = Record<string, unknown>;
export type Labels = Record<string, string>;

type Attributes = Record<string, unknown>;

export type Application = Full<Schemas['Application']>;
export type Provider = Full<Omit<Schemas['Provider'], 'settings'>> & { settings: Settings };
export type Endpoint = Full<Omit<Schemas['Endpoint'], 'settings' | 'labels'>> & { settings: Settings; labels: Labels };
export type PropertyMapping = Full<Omit<Schemas['PropertyMapping'], 'static_settings'>> & { static_settings: Settings };
export type Policy = Full<Schemas['Policy']>;

export type TargetKind = Schemas['TargetKind'];

/** A binding has one of the three subjects. */
export type PolicyBinding = Full<Omit<Schemas['PolicyBindingView'], 'policy' | 'group' | 'user'>> & {
  policy?: string;
  group?: string;
  user?: string;
};

export type PromptFieldKind = Schemas['PromptFieldKind'];

type Optional = 'default' | 'default_expression' | 'choices' | 'minimum' | 'maximum' | 'validation';
export type PromptField = Full<Omit<Schemas['PromptField'], Optional>> & {
  default?: unknown;
  default_expression?: string;
  choices?: { value: string; label: string }[];
  minimum?: number | null;
  maximum?: number | null;
  validation?: string;
};

type PromptStage = Omit<Extract<Schemas['Stage'], { type: 'prompt' }>, 'fields'> & { fields: PromptField[] };

/** What a stage asks; its `type` says which fields it has. */
export type StageAsk = Full<Exclude<Schemas['Stage'], { type: 'prompt' }> | PromptStage>;
export type StageType = StageAsk['type'];

/** A stage; one that was never written has no id yet. */
export type Stage = StageAsk & { id?: string };

export type Flow = Full<Omit<Schemas['Flow'], 'stages'>> & { stages: Stage[] };

/** A public client has no secret, and then none is sent. */
export type Source = Full<Omit<Schemas['Source'], 'client_secret'>> & { client_secret?: unknown };

export type Outpost = Full<Omit<Schemas['Outpost'], 'labels'>> & { labels: Labels };
export type NodeHealth = Schemas['NodeHealth'];
export type Node = Full<Schemas['NodeView']>;
export type Edge = Full<Schemas['EdgeView']>;
export type User = Full<Omit<Schemas['User'], 'attributes'>> & { attributes: Attributes };
export type Group = Full<Omit<Schemas['Group'], 'attributes'>> & { attributes: Attributes };
export type Session = Full<Schemas['Session']>;
export type TokenScope = Schemas['TokenScope'];
export type Token = Full<Schemas['Token']>;
export type ConnectionState = Schemas['ConnectionState'];
export type Connection = Full<Schemas['Connection']>;
export type Outcome = Schemas['Outcome'];
export type AuditEvent = Full<Schemas['Event']>;

/** Kinds by their place under `/api/v1/admin`. */
export type ObjectOf = {
  applications: Application;
  providers: Provider;
  endpoints: Endpoint;
  'property-mappings': PropertyMapping;
  policies: Policy;
  'policy-bindings': PolicyBinding;
  flows: Flow;
  sources: Source;
  outposts: Outpost;
  nodes: Node;
  users: User;
  groups: Group;
  sessions: Session;
  tokens: Token;
  connections: Connection;
  events: AuditEvent;
};

export type Kind = keyof ObjectOf;

/** Kinds whose objects are written by people. */
export type WrittenKind = Exclude<Kind, 'nodes' | 'sessions' | 'tokens' | 'connections' | 'events'>;
