/** Failures and endings that this page finds itself, without word from the node. */

import { Fault, Step } from '../wire/generated/causeway/session/v1/session_pb';
import type { SessionEnding, SessionFailure, TicketRefusal } from './state';

type Verdict =
  | { kind: 'retry' }
  | { kind: 'failed'; failure: SessionFailure }
  | { kind: 'ended'; ending: SessionEnding };

export function pageFailure(
  code: string,
  message: string,
  fault: Fault,
  retryMayHelp: boolean,
  step = Step.UNSPECIFIED,
): SessionFailure {
  return { code, message, fault, step, retryMayHelp, details: {}, origin: 'page' };
}

export const unreachable = (): SessionFailure =>
  pageFailure(
    'causeway_unreachable',
    'Causeway could not be reached from this browser.',
    Fault.CAUSEWAY,
    true,
  );

export const sessionLost = (): SessionFailure =>
  pageFailure(
    'session_lost',
    'The way to the session was lost and did not come back in time.',
    Fault.CAUSEWAY,
    true,
  );

export const versionMismatch = (): SessionFailure =>
  pageFailure(
    'version_mismatch',
    'This page and the server speak different versions. Reload the page.',
    Fault.CAUSEWAY,
    true,
  );

export const unreadableMessage = (): SessionFailure =>
  pageFailure(
    'message_unreadable',
    'The server sent something that this page cannot read.',
    Fault.CAUSEWAY,
    true,
  );

export const protocolNotShown = (): SessionFailure =>
  pageFailure(
    'protocol_not_shown',
    'This page does not know what the endpoint speaks. Reload the page.',
    Fault.CAUSEWAY,
    false,
  );

/** What a refused ticket means for the session. */
export function judgeRefusal(refusal: TicketRefusal): Verdict {
  if (refusal.kind === 'ended') return { kind: 'ended', ending: ending(refusal.reason, refusal.code) };
  if (refusal.kind === 'unreachable' || refusal.status >= 500 || refusal.status === 429) {
    return { kind: 'retry' };
  }
  const { status, code, detail } = refusal;
  if (status === 401) {
    return failed('signed_out', 'You are signed out. Sign in again to go on.', true);
  }
  if (status === 404) {
    return failed(code || 'not_found', 'There is no such session, or it is not yours.', false);
  }
  return failed(code || 'refused', detail || 'Causeway refused to open this session.', false);
}

function failed(code: string, message: string, retryMayHelp: boolean): Verdict {
  return { kind: 'failed', failure: pageFailure(code, message, Fault.VIEWER, retryMayHelp) };
}

/** Of a session that did not open, the code of the failure is all that is known. */
function ending(reason: string, code = ''): SessionEnding {
  const message = code === '' ? '' : `It failed with code ${code}.`;
  return { reason, exitStatus: undefined, exitSignal: '', message };
}
