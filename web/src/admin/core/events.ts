/** Events in words, and what of a list of them is new. */

import type { AuditEvent } from '../api/objects';

/** Each action: behind the name of whoever did it, and by itself in a list of choices. */
const ACTIONS: Record<AuditEvent['action'], { did: string; choice: string }> = {
  sign_in: { did: 'signed in', choice: 'sign-in' },
  sign_out: { did: 'signed out', choice: 'sign-out' },
  launch: { did: 'opened', choice: 'launch' },
  attach: { did: 'attached to', choice: 'browser attached' },
  move: { did: 'was moved to another node with', choice: 'moved to another node' },
  connection_ended: { did: 'is done with', choice: 'connection ended' },
  terminate: { did: 'terminated', choice: 'connection terminated' },
  create: { did: 'created', choice: 'created' },
  update: { did: 'changed', choice: 'changed' },
  delete: { did: 'deleted', choice: 'deleted' },
  enrol: { did: 'joined', choice: 'node or edge joined' },
  host_key: { did: 'saw the host key of', choice: 'host key seen' },
  mapping_skipped: { did: 'went on without', choice: 'property mapping skipped' },
  policy_failed: { did: 'met a failure of', choice: 'policy failed' },
  approval_requested: { did: 'asked for approval for', choice: 'approval asked for' },
  approval_decided: { did: 'decided on an approval for', choice: 'approval decided' },
  second_factor: { did: 'changed or used a second factor of', choice: 'second factor' },
  password_changed: { did: 'changed the password of', choice: 'password changed' },
  secret_unavailable: { did: 'could not get a secret of', choice: 'secret unavailable' },
};

export const ACTION_CHOICES = Object.entries(ACTIONS).map(([value, { choice }]) => ({ value, label: choice }));

/** A newer server may tell of an action that is not known here. */
export function actionWords(action: string): string {
  return Object.hasOwn(ACTIONS, action) ? ACTIONS[action as AuditEvent['action']].did : action.replaceAll('_', ' ');
}

/** The kind of object that an event is about. */
export function kindWords(event: Pick<AuditEvent, 'target_kind'>): string {
  return event.target_kind === 'token' ? 'API token' : event.target_kind.replaceAll(/[_-]/g, ' ');
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
