/** Events in words, and what of a list of them is new. */

import type { AuditEvent } from '../api/objects';

const ACTIONS: Record<string, string> = {
  sign_in: 'signed in',
  sign_out: 'signed out',
  launch: 'opened',
  connection_ended: 'connection ended',
  create: 'created',
  update: 'changed',
  delete: 'deleted',
  enrol: 'enrolled',
  host_key: 'host key',
  mapping_skipped: 'mapping skipped',
  policy_failed: 'policy failed',
  approval_requested: 'asked for approval',
  approval_decided: 'decided an approval',
  attach: 'attached',
  move: 'moved',
  terminate: 'terminated',
  second_factor: 'second factor',
  password_changed: 'password changed',
  secret_unavailable: 'secret unavailable',
};

export const ACTION_CHOICES = Object.entries(ACTIONS).map(([value, label]) => ({ value, label }));

export function actionWords(action: string): string {
  return ACTIONS[action] ?? action.replaceAll('_', ' ');
}

/** What an event is about, unless that is who did it. */
export function aboutWhat(event: Pick<AuditEvent, 'actor' | 'target_name'>): string {
  return event.target_name === event.actor ? '' : event.target_name;
}

/** The rows with those of `read` in front that are not there yet, at most `most`. */
export function withNew(rows: readonly AuditEvent[], read: readonly AuditEvent[], most: number): AuditEvent[] {
  const known = new Set(rows.map(({ id }) => id));
  return [...read.filter(({ id }) => !known.has(id)), ...rows].slice(0, most);
}
