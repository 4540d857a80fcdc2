/** What the calls of the administration answer besides objects. */

import type { NodeHealth, Protocol } from './objects';

export type SettingType = 'boolean' | 'integer' | 'choice' | 'text' | 'long_text';

/** One row of the settings catalogue. */
export type SettingEntry = {
  name: string;
  protocols: Protocol[];
  type: SettingType;
  /** What can be chosen, for `choice`. */
  values?: string[] | null;
  minimum?: number | null;
  maximum?: number | null;
  /** What a value looks like, in words. */
  expected?: string;
  default?: string | null;
  secret: boolean;
  support: 'honoured' | 'planned' | 'ignored';
  group: string;
  help: string;
};

/** What is wrong with an expression, and where; line and column from 1. */
export type ExpressionError = { line: number; column: number; message: string; hint?: string | null };

export type ExpressionPurpose =
  | 'policy'
  | 'property_mapping'
  | 'stage'
  | 'prompt_default'
  | 'prompt_validation'
  | 'source_attributes';

export type ExpressionCheck = { ok: boolean; error?: ExpressionError | null };

export type PolicyTest = {
  passing: boolean;
  value?: unknown;
  reason: string;
  error?: ExpressionError | null;
  operations: number;
  elapsed_us: number;
};

export type SettingLevel =
  | 'default'
  | 'provider'
  | 'endpoint'
  | 'connection'
  | 'provider_mapping'
  | 'endpoint_mapping';

export type Explanation = {
  allowed: boolean;
  settings: Record<string, { value: unknown; level: SettingLevel; source: { kind: string; name: string } | null }>;
  policies: { target: string; policy: string; subject_kind?: string; passing: boolean; reason: string }[];
  skipped?: { mapping: string; reason: string }[];
  stages?: { flow: string; stage: string; type: string; would_run: boolean; reason?: string }[];
};

export type Use = { kind: string; id: string; name: string; relation: string; blocks?: boolean };

export type NodeLoad = {
  id: string;
  name: string;
  outpost: string;
  health: NodeHealth;
  connections: number;
  capacity: number;
  weight: number;
  version: string;
};

export type Overview = {
  counts: Record<string, number>;
  nodes: NodeLoad[];
  connections: { active: number; detached: number; pending: number };
};

export type JoinToken = { token: string; expires_at: string };
