/**
 * The objects of the administration as the API shows them.
 *
 * The newer kinds are written by hand after `crates/model/src/object` until
 * the committed description of the API has them.
 */

import type { components } from '../../api/generated/schema';

type Schemas = components['schemas'];

export type Protocol = Schemas['Protocol'];
export type EngineMode = 'any' | 'all';
export type Role = 'user' | 'operator' | 'auditor' | 'admin';

/** Free names and values; a setting's value may be a map or a list, too. */
export type Settings = Record<string, unknown>;
export type Labels = Record<string, string>;

export type Meta = { version: number; created_at: string; updated_at: string };
type Written = Meta & { id: string };

export type Application = Written & {
  slug: string; name: string; icon: string; group: string; provider: string; policy_engine_mode: EngineMode;
};

export type Provider = Written & {
  name: string; settings: Settings; property_mappings: string[]; authorization_flow: string | null;
  connection_expiry: string; delete_token_on_disconnect: boolean; outposts: string[];
};

export type Endpoint = Written & {
  name: string; provider: string; protocol: Protocol; host: string; settings: Settings; property_mappings: string[];
  maximum_connections: number; labels: Labels; policy_engine_mode: EngineMode;
};

export type PropertyMapping = Written & { name: string; static_settings: Settings; expression: string };

export type Policy = Written & { name: string; expression: string };

export type TargetKind = 'application' | 'endpoint' | 'stage';

export type PolicyBinding = Written & {
  name: string; target: string; target_kind: TargetKind; order: number; enabled: boolean; negate: boolean;
  timeout_s: number; failure_result: boolean; policy?: string; group?: string; user?: string;
};

export type PromptFieldKind = 'text' | 'multiline' | 'password' | 'number' | 'boolean' | 'choice';

export type PromptField = {
  name: string; label: string; type: PromptFieldKind; required: boolean; placeholder: string; help: string;
  default?: unknown; default_expression?: string; choices?: { value: string; label: string }[];
  minimum?: number | null; maximum?: number | null; validation?: string;
};

type NotEnrolled = 'deny' | 'skip';

/** What a stage asks; its `type` says which fields it has. */
export type StageAsk =
  | { type: 'consent'; text: string }
  | { type: 'prompt'; title: string; text: string; fields: PromptField[] }
  | { type: 'password' }
  | { type: 'totp'; if_not_enrolled: NotEnrolled }
  | { type: 'webauthn'; if_not_enrolled: NotEnrolled }
  | { type: 'approval'; groups: string[]; users: string[]; timeout_s: number; reason_required: boolean }
  | { type: 'expression'; expression: string }
  | { type: 'deny'; message: string };

export type StageType = StageAsk['type'];

/** A stage; one that was never written has no id yet. */
export type Stage = StageAsk & { id?: string; name: string; policy_engine_mode: EngineMode };

export type Flow = Written & { name: string; title: string; stages: Stage[] };

export type Source = Written & {
  slug: string; name: string; icon: string; enabled: boolean; issuer: string; client_id: string; client_secret: unknown;
  scopes: string[]; username_claim: string; groups_claim: string; attributes: string;
  matching: 'create' | 'username' | 'email' | 'linked';
};

export type Outpost = Written & { name: string; labels: Labels };

export type NodeHealth = Schemas['NodeHealth'];

export type Node = {
  id: string; outpost: string; name: string; public_key: string; capacity: number; weight: number; drained: boolean;
  version: string; enrolled_at: string; health: NodeHealth; connections: number; draining: boolean; edges: string[];
  heartbeat_at: string | null;
};

export type User = Written & {
  username: string; name: string; email: string; role: Role; groups: string[]; operates: string[];
  attributes: Record<string, unknown>; active: boolean;
};

export type Group = Written & { name: string; role: Role; operates: string[]; attributes: Record<string, unknown> };

export type Session = {
  id: string; user: string; created_at: string; expires_at: string; address: string; user_agent: string;
  methods: string[]; confirmed_at: string | null; source: string | null;
};

export type TokenScope = 'full' | 'read' | 'launch';

export type Token = {
  id: string; name: string; user: string; scope: TokenScope; created_at: string; expires_at: string | null;
};

export type ConnectionState = Schemas['ConnectionState'];

export type Connection = Schemas['Connection'] & { address?: string };

export type Outcome = 'success' | 'refused' | 'failed';

export type AuditEvent = {
  id: string; at: string; action: string; outcome: Outcome; actor: string; address: string; target_kind: string;
  target_id: string; target_name: string; detail: string; connection: string | null; policy: string;
};

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
