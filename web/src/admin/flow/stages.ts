/** The types of stages: their names, what they ask, and a new one of each. */

import type { PromptField, Stage, StageType } from '../api/objects';

type About = { type: StageType; name: string; about: string };

export const STAGES: readonly About[] = [
  { type: 'consent', name: 'Consent', about: 'The user agrees to a text.' },
  { type: 'prompt', name: 'Prompt', about: 'The user fills in fields; they can set the account, the domain, or a ticket number.' },
  { type: 'password', name: 'Password', about: 'The user types their password again.' },
  { type: 'totp', name: 'Authenticator code', about: 'The user types a code of their authenticator app.' },
  { type: 'webauthn', name: 'Passkey', about: 'The user touches their security key or uses their passkey.' },
  { type: 'approval', name: 'Approval', about: 'Another person lets the user in.' },
  { type: 'expression', name: 'Expression', about: 'An expression looks at the launch; it may set connection settings or end it.' },
  { type: 'deny', name: 'Deny', about: 'Nobody gets further. Useful with a binding that says for whom.' },
];

export function aboutStage(type: StageType): About {
  return STAGES.find((stage) => stage.type === type) ?? { type, name: type, about: '' };
}

/** A new stage, with a name that no other has. */
export function newStage(type: StageType, others: readonly Stage[]): Stage {
  const common = { name: freeName(type, others.map(({ name }) => name)), policy_engine_mode: 'any' as const };
  switch (type) {
    case 'consent':
      return { ...common, type, text: '' };
    case 'prompt':
      return { ...common, type, title: '', text: '', fields: [newField([])] };
    case 'totp':
    case 'webauthn':
      return { ...common, type, if_not_enrolled: 'deny' };
    case 'approval':
      return { ...common, type, groups: [], users: [], timeout_s: 300, reason_required: false };
    case 'expression':
      return { ...common, type, expression: '' };
    case 'deny':
      return { ...common, type, message: '' };
    case 'password':
      return { ...common, type };
  }
}

export function newField(others: readonly PromptField[]): PromptField {
  const taken = others.map(({ name }) => name);
  const name = taken.includes('connection_settings.username') ? freeName('answer', taken) : 'connection_settings.username';
  return { name, label: '', type: 'text', required: true, placeholder: '', help: '' };
}

function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  for (let number = 2; ; number += 1) {
    if (!taken.includes(`${wanted}-${number}`)) return `${wanted}-${number}`;
  }
}

/** The list with one item a place further on or back. */
export function moved<Item>(list: readonly Item[], from: number, step: number): Item[] {
  const to = from + step;
  const item = list[from];
  if (item === undefined || to < 0 || to >= list.length) return [...list];
  const others = list.filter((_, index) => index !== from);
  return [...others.slice(0, to), item, ...others.slice(to)];
}

/** What a stage asks, in a line. */
export function summary(stage: Stage): string {
  switch (stage.type) {
    case 'consent':
      return stage.text;
    case 'prompt':
      return stage.fields.map(({ name, label }) => label || name).join(', ');
    case 'totp':
    case 'webauthn':
      return stage.if_not_enrolled === 'skip' ? 'passed over for who has none' : '';
    case 'approval': {
      const count = stage.groups.length + stage.users.length;
      return `${count} ${count === 1 ? 'group or person' : 'groups and people'}, ${stage.timeout_s} seconds`;
    }
    case 'expression':
      return stage.expression;
    case 'deny':
      return stage.message;
    case 'password':
      return '';
  }
}
