/** What a session can look like from outside, and what its core asks its shell to do. */

import {
  TargetProtocol,
  type AudioChunk,
  type Fault,
  type Step,
} from '../wire/generated/causeway/session/v1/session_pb';
import type { LockKeys } from './desktop-messages';

export type Status = 'connecting' | 'credentials' | 'active' | 'reconnecting' | 'failed' | 'ended';

/** One question of the target. */
export type CredentialPrompt = { label: string; echo: boolean };

export type CredentialQuestions = {
  id: number;
  title: string;
  instruction: string;
  prompts: CredentialPrompt[];
};

/** Who said that it failed: the node, or this page that could not get there. */
export type FailureOrigin = 'node' | 'page';

export type SessionFailure = {
  /** Stable, snake_case. */
  code: string;
  /** A sentence for the person. */
  message: string;
  fault: Fault;
  step: Step;
  retryMayHelp: boolean;
  details: Record<string, string>;
  origin: FailureOrigin;
};

export type SessionEnding = {
  /** Stable, snake_case. */
  reason: string;
  exitStatus: number | undefined;
  exitSignal: string;
  message: string;
};

export type SessionView =
  | { status: 'connecting'; step: Step; attempts: number }
  | { status: 'credentials'; questions: CredentialQuestions }
  | { status: 'active' }
  /** `typesAhead`: what is typed now still reaches the target once the way is found. */
  | { status: 'reconnecting'; attempts: number; retryAt: number | undefined; typesAhead: boolean }
  | { status: 'failed'; failure: SessionFailure }
  | { status: 'ended'; ending: SessionEnding };

/** What the connection's settings allow. */
export type DataPolicy = {
  copyAllowed: boolean;
  pasteAllowed: boolean;
  readOnly: boolean;
  audioAllowed: boolean;
  /** 0 for no limit. */
  clipboardBytesMax: number;
};

/** How the terminal is to look; Guacamole's setting values. */
export type Presentation = {
  colorScheme: string;
  fontName: string;
  /** Points; 0 for the viewer's own. */
  fontSize: number;
  scrollbackLines: number;
  backspaceCode: number;
};

/** What the node told in `Welcome`. */
export type SessionFacts = {
  protocol: TargetProtocol;
  endpointName: string;
  policy: DataPolicy;
  presentation: Presentation;
  /** Unix time in ms; undefined for never. */
  endsAt: number | undefined;
  resumeGraceMs: number;
};

/** True for what shows a screen, false for a terminal. */
export function isDesktop(protocol: TargetProtocol): boolean {
  return protocol === TargetProtocol.RDP || protocol === TargetProtocol.VNC;
}

/** What is known of a desktop as a whole. */
export type DesktopState = {
  /** It follows the viewer's size. */
  resizable: boolean;
  /** As the target names itself; may be empty. */
  name: string;
};

/** What became of a text for the target's clipboard. */
export type ClipboardVerdict = 'sent' | 'not_active' | 'refused' | 'too_long';

/** A way to the node: where, and what opens the door. */
export type Passage = { edgeUrl: string; ticket: string };

/** Why the control plane gave no ticket. */
export type TicketRefusal =
  | { kind: 'unreachable' }
  | { kind: 'ended'; reason: string; code?: string }
  | { kind: 'problem'; status: number; code: string; detail: string };

/** What the way to the node asks the shell to do. */
export type WayEffect =
  | { do: 'fetch_ticket'; request: number }
  | { do: 'open_socket'; socket: number; passage: Passage }
  | { do: 'send'; socket: number; data: Uint8Array }
  | { do: 'close_socket'; socket: number };

/** What the page is to show, sound or tell. */
export type ViewEffect =
  | { do: 'welcome'; facts: SessionFacts }
  | { do: 'notice'; code: string; message: string }
  | { do: 'clipboard'; text: string }
  | { do: 'clipboard_too_long' }
  | TerminalEffect
  | DesktopEffect;

export type TerminalEffect =
  | { do: 'clear_screen' }
  /** `replayed` output was drawn by a viewer before: what it asks was answered then. */
  | { do: 'draw'; data: Uint8Array; replayed: boolean };

export type DesktopEffect =
  /** A whole envelope with a part of the picture; its buffer is the taker's. */
  | { do: 'picture'; message: Uint8Array }
  | { do: 'audio'; chunk: AudioChunk }
  | { do: 'desktop_state'; state: DesktopState }
  /** The target's lock keys. */
  | { do: 'lock_keys'; keys: LockKeys }
  | { do: 'bell' };

/** What the shell is to do next. */
export type Effect = WayEffect | ViewEffect;
