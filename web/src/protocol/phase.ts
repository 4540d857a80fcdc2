/** Where the way to the node stands. */

import type { SessionEnding, SessionFailure } from './state';

export type Phase =
  | { is: 'idle' }
  | { is: 'ticket'; request: number; deadline: number }
  | { is: 'opening'; socket: number; deadline: number }
  | { is: 'greeting'; socket: number; deadline: number }
  | { is: 'open'; socket: number }
  | { is: 'waiting'; until: number }
  | { is: 'failed'; failure: SessionFailure }
  | { is: 'ended'; ending: SessionEnding };

/** The socket that is in use, if one is. */
export function socketOf(phase: Phase): number | undefined {
  return phase.is === 'opening' || phase.is === 'greeting' || phase.is === 'open'
    ? phase.socket
    : undefined;
}

/** When the phase is over by itself, if it is. */
export function deadlineOf(phase: Phase): number | undefined {
  if (phase.is === 'waiting') return phase.until;
  const limited = phase.is === 'ticket' || phase.is === 'opening' || phase.is === 'greeting';
  return limited ? phase.deadline : undefined;
}
