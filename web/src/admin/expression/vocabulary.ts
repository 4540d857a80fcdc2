/** What an expression can use, by what it is for. */

import type { ExpressionPurpose } from '../api/answers';

export type Word = { insert: string; show?: string; about: string };
export type Words = { name: string; words: Word[] };

const USER: Word[] = [
  { insert: 'user.username', about: 'Name at sign-in.' },
  { insert: 'user.name', about: 'Name for people.' },
  { insert: 'user.email', about: 'Mail address.' },
  { insert: 'user.role', about: '“user”, “operator”, “auditor” or “admin”.' },
  { insert: 'groups', about: 'Names of the user’s groups.' },
  { insert: 'user.attributes', about: 'What the user’s attributes hold: user.attributes.department' },
];

const REQUEST: Word[] = [
  { insert: 'address', about: 'Where the request comes from; null when unknown.' },
  { insert: 'time', about: 'When.' },
  { insert: 'session.methods', about: 'How the user signed in: “password”, “totp”, “webauthn”, “recovery_code”, “source”, “token”.' },
  { insert: 'session.source', about: 'Slug of the source they signed in with.' },
  { insert: 'session.age_s', about: 'Seconds since they signed in.' },
];

const WHAT: Word[] = [
  { insert: 'application.slug', about: 'The application.' },
  { insert: 'endpoint.name', about: 'The endpoint.' },
  { insert: 'endpoint.protocol', about: '“ssh”, “rdp” or “vnc”.' },
  { insert: 'endpoint.host', about: 'Its host.' },
  { insert: 'endpoint.labels', about: 'Its labels: endpoint.labels.site' },
  { insert: 'provider.name', about: 'The provider.' },
];

const FUNCTIONS: Word[] = [
  { insert: 'in_group("staff")', about: 'The user is in that group.' },
  { insert: 'in_network(address, "10.0.0.0/8")', about: 'The address is in that network.' },
  {
    insert: 'in_time_window(time, "08:00", "18:00", "Europe/Berlin")',
    about: 'The time of day is between these; a window may go over midnight.',
  },
  { insert: 'weekday(time, "Europe/Berlin")', about: 'Day of the week, “monday” to “sunday”.' },
  { insert: 'has_method("totp")', about: 'The session was signed in to with that.' },
  { insert: 'user.email.endsWith("@example.com")', show: '.endsWith(…)', about: 'Also startsWith, contains, matches, lowerAscii, split, join, replace.' },
  { insert: 'groups.exists(g, g.startsWith("ops-"))', show: '.exists(…)', about: 'Also all, filter, map; has(user.attributes.x) asks whether it is there.' },
];

const SETTINGS: Word = { insert: 'connection_settings', about: 'What the flow has set so far.' };
const VALUE: Word = { insert: 'value', about: 'What was typed into the field.' };
const CLAIMS: Word = { insert: 'claims', about: 'What the identity provider said: claims.department' };

/** The words for a purpose, in groups. */
export function vocabularyOf(purpose: ExpressionPurpose): Words[] {
  if (purpose === 'source_attributes') return [{ name: 'Variables', words: [CLAIMS] }, { name: 'Functions', words: FUNCTIONS.slice(-2) }];
  const extra: Partial<Record<ExpressionPurpose, Word[]>> = {
    property_mapping: [SETTINGS],
    stage: [SETTINGS],
    prompt_default: [SETTINGS],
    prompt_validation: [SETTINGS, VALUE],
  };
  return [
    { name: 'Who', words: USER },
    { name: 'From where, when, how', words: REQUEST },
    { name: 'What', words: [...WHAT, ...(extra[purpose] ?? [])] },
    { name: 'Functions', words: FUNCTIONS },
  ];
}

/** What an expression gives, in words. */
export const GIVES: Record<ExpressionPurpose, string> = {
  policy: 'Gives true to pass, false not to.',
  property_mapping: 'Gives a map of settings, laid over the static ones.',
  stage: 'Gives a map with connection_settings (a map of settings), deny (a text that ends the launch), or neither.',
  prompt_default: 'Gives what the field holds at first.',
  prompt_validation: 'Gives true when the value may stay.',
  source_attributes: 'Gives a map of the user’s attributes.',
};
