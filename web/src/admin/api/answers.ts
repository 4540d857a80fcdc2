/** What the calls of the administration answer besides objects. */

import type { components } from '../../api/generated/schema';
import type { NodeHealth } from './objects';

type Schemas = components['schemas'];

/** A text of several lines has been called by either name. */
export type SettingType = 'boolean' | 'integer' | 'choice' | 'text' | 'multiline' | 'long_text';

/** One row of the settings catalogue. */
export type SettingEntry = Omit<Schemas['SettingView'], 'type'> & { type: SettingType };

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

export type Explanation = Schemas['ExplanationView'];
export type SettingLevel = Schemas['Level'];

export type Use = { kind: string; id: string; name: string; relation: string; blocks?: boolean };

export type NodeLoad = {
  id: string;
  name: string;
  /** Name of its outpost. */
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

export type JoinToken = Schemas['JoinTokenView'];
