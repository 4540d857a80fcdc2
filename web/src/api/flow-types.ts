/** What a launch may ask before it opens, and what approvers see, as the API tells it. */

import type { CredentialJson, RequestJson } from '../factors/core/webauthn-json';
import type { components } from './generated/schema';
import type { Connection, Passage } from './types';

type Schemas = components['schemas'];
type Question<Type extends Schemas['Question']['type']> = Extract<Schemas['Question'], { type: Type }>;

export type PromptValue = string | number | boolean;

export type PromptField = Omit<Schemas['PromptQuestionField'], 'value'> & {
  /** What it holds at first; never for a password. */
  value?: PromptValue | null;
};

export type ApprovalQuestion = Question<'approval'>;

export type FlowStage =
  | Question<'consent'>
  | (Omit<Question<'prompt'>, 'fields'> & { fields: PromptField[] })
  | Question<'password'>
  | Question<'totp'>
  | (Omit<Question<'webauthn'>, 'public_key'> & { public_key: RequestJson })
  | ApprovalQuestion
  | Question<'ready'>;

/** A question that stands before a launch. */
export type Challenge = Omit<Schemas['Challenge'], 'stage'> & { type: 'challenge'; stage: FlowStage };

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
export type Approval = Schemas['ApprovalView'];
