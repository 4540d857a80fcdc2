/** The calls of launches that ask before they open, and of approvals. */

import { call } from './call';
import type { Approval, FlowAnswer, Outcome } from './flow-types';
import { remember, traceOf } from './trace';

const FLOW = '/api/v1/flows/{execution}';
const APPROVAL = '/api/v1/approvals/{id}';

/** The question as it stands. */
export async function challenge(execution: string): Promise<Outcome> {
  return (await call('get', FLOW, { names: { execution } })) as Outcome;
}

export async function answer(execution: string, body: FlowAnswer): Promise<Outcome> {
  const trace = traceOf(execution);
  const outcome = (await call('post', FLOW, { names: { execution }, body, trace })) as Outcome;
  if (outcome.type === 'connection') remember(outcome.connection.id, trace);
  return outcome;
}

export async function cancel(execution: string): Promise<void> {
  await call('delete', FLOW, { names: { execution } });
}

/** What I may decide or have decided, newest first: one page. */
export async function approvals(state?: Approval['state']): Promise<Approval[]> {
  const query = state === undefined ? {} : { state };
  return (await call('get', '/api/v1/approvals', { query })).items;
}

export function approval(id: string): Promise<Approval> {
  return call('get', APPROVAL, { names: { id } });
}

export async function decide(
  id: string,
  decision: 'approve' | 'deny',
  comment: string,
): Promise<void> {
  await call('post', APPROVAL, { names: { id }, body: { decision, ...(comment && { comment }) } });
}
