/** What a launch may ask before it opens, and what approvers see, as the API tells it. */

import type { CredentialJson, RequestJson } from '../factors/core/webauthn-json';
import type { Connection, Passage, Protocol } from './types';

export type PromptValue = string | number | boolean;

export type PromptField = {
  /** Key of the plan context, with dots. */
  name: string;
  label: string;
  type: 'text' | 'multiline' | 'password' | 'number' | 'boolean' | 'choice';
  required: boolean;
  placeholder: string;
  help: string;
  /** What it holds at first; never for a password. */
  value?: PromptValue | null;
  choices?: { value: string; label: string }[];
  /** Characters of a text, value of a number. */
  minimum?: number | null;
  maximum?: number | null;
};

export type ApprovalStage = {
  type: 'approval';
  name: string;
  state: 'reason_needed' | 'waiting' | 'approved' | 'denied' | 'expired';
  /** Names of the groups and people who may decide. */
  approvers: string[];
  reason_required?: boolean;
  requested_at: string | null;
  expires_at: string | null;
  comment: string | null;
  decided_by: string | null;
};

export type FlowStage =
  | { type: 'consent'; name: string; text: string }
  | { type: 'prompt'; name: string; title: string; text: string; fields: PromptField[] }
  | { type: 'password'; name: string }
  | { type: 'totp'; name: string }
  | { type: 'webauthn'; name: string; public_key: RequestJson }
  | ApprovalStage;

/** A question that stands before a launch. */
export type Challenge = {
  type: 'challenge';
  execution: string;
  expires_at: string;
  flow: { name: string; title: string };
  application: { slug: string; name: string };
  endpoint: { id: string; name: string; protocol: Protocol };
  /** From 1 to `steps`. */
  step: number;
  steps: number;
  stage: FlowStage;
};

/** What a launch, or an answer to one, leads to. */
export type Outcome =
  | Challenge
  | ({ type: 'connection'; connection: Pick<Connection, 'id' | 'protocol'> } & Passage);

export type FlowAnswer =
  | { accept: true }
  | { fields: Record<string, PromptValue> }
  | { password: string }
  | { code: string }
  | { credential: CredentialJson }
  | { reason: string }
  | Record<string, never>;

/** A request that waits for somebody's yes or no, or has had it. */
export type Approval = {
  id: string;
  state: 'waiting' | 'approved' | 'denied' | 'expired' | 'withdrawn';
  /** Whether the caller may decide it; their own they may only look at. */
  mine_to_decide: boolean;
  requester: { id: string; username: string };
  application: { id: string; name: string };
  endpoint: { id: string; name: string };
  flow: string;
  stage: string;
  reason: string;
  address: string;
  requested_at: string;
  expires_at: string;
  decided_by: string | null;
  decided_at: string | null;
  comment: string | null;
};
