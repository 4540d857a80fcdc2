/** What the node tells of a session, with the viewer's own values where it is silent. */

import {
  TargetProtocol,
  type Ended,
  type Failure,
  type Welcome,
} from '../wire/generated/causeway/session/v1/session_pb';
import { isDesktop, type SessionEnding, type SessionFacts, type SessionFailure } from './state';

/** Guacamole's default, lines. */
const SCROLLBACK_LINES_DEFAULT = 1000;

/** Bound on what a setting may ask of the browser's memory, lines. */
const SCROLLBACK_LINES_MAX = 100_000;

/** The reason of an `Ended` that is none: another node has the connection now. */
export const MOVED = 'moved';

const DELETE = 127;
const BACKSPACE = 8;

/** Whether this viewer can show what the target speaks. */
export function isShown(protocol: TargetProtocol): boolean {
  return protocol === TargetProtocol.SSH || isDesktop(protocol);
}

/** Without a word on the policy, nothing is allowed. */
export function factsOf(welcome: Welcome): SessionFacts {
  const { dataPolicy, terminal } = welcome;
  return {
    protocol: welcome.protocol,
    endpointName: welcome.endpointName,
    policy: {
      copyAllowed: dataPolicy?.copyAllowed ?? false,
      pasteAllowed: dataPolicy?.pasteAllowed ?? false,
      readOnly: dataPolicy?.readOnly ?? false,
      audioAllowed: dataPolicy?.audioAllowed ?? false,
      clipboardBytesMax: dataPolicy?.clipboardBytesMax ?? 0,
    },
    presentation: {
      colorScheme: terminal?.colorScheme ?? '',
      fontName: terminal?.fontName ?? '',
      fontSize: terminal?.fontSize ?? 0,
      scrollbackLines: Math.min(
        SCROLLBACK_LINES_MAX,
        terminal?.scrollbackLines || SCROLLBACK_LINES_DEFAULT,
      ),
      backspaceCode: terminal?.backspaceCode === BACKSPACE ? BACKSPACE : DELETE,
    },
    endsAt: welcome.endsAtUnixMs === 0n ? undefined : Number(welcome.endsAtUnixMs),
    resumeGraceMs: welcome.resumeGraceS * 1000,
  };
}

export function nodeFailure(failure: Failure): SessionFailure {
  const { code, message, fault, step, retryMayHelp, details } = failure;
  return { code, message, fault, step, retryMayHelp, details: { ...details }, origin: 'node' };
}

export function nodeEnding({ reason, exitStatus, exitSignal, message }: Ended): SessionEnding {
  return { reason, exitStatus, exitSignal, message };
}
