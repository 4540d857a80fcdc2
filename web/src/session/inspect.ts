/**
 * `window.causeway`: what tests and curious people may read of the viewer.
 * Nothing can be set. `framesPresented` and `bytesReceived` count from the
 * page's start, over all sockets.
 */

import type { Protocol } from '../api/types';
import type { Status } from '../protocol/state';
import { TargetProtocol } from '../wire/generated/causeway/session/v1/session_pb';
import type { SessionLife } from './session-life.svelte';

/** What there is of every session. */
type Common = {
  readonly status: Status;
  /** Undefined until the node's welcome. */
  readonly protocol: Protocol | undefined;
  /** Of a terminal its area, CSS pixels; of a desktop the remote screen, pixels, 0 until there is one. */
  readonly width: number;
  readonly height: number;
  /** Median round trip to the node of late, ms; undefined before the first answer. */
  readonly rttMs: number | undefined;
  readonly framesPresented: number;
  /** Bytes of messages. */
  readonly bytesReceived: number;
};

type OfTerminal = {
  readonly columns: number;
  readonly rows: number;
  /** The visible text: the picture itself is a canvas. */
  readonly terminalText: () => string;
};

type OfDesktop = {
  readonly mode: 'remote' | 'fit' | 'actual';
  /** The target follows the window's size. */
  readonly resizable: boolean;
  /** Median time to decode a frame of late, ms. */
  readonly decodeMs: number | undefined;
  /** What the target named itself. */
  readonly desktopName: string;
  /** `idle`, `blocked` until a gesture, `playing` or `failed`. */
  readonly audio: string;
  readonly audioBufferedMs: number;
  /** The text that the target last put on its clipboard. */
  readonly remoteClipboard: string | undefined;
  /** The colour that is shown at a place of the remote screen. */
  readonly pixel: (x: number, y: number) => Promise<readonly [number, number, number] | undefined>;
  /** What is shown, as the bytes of a PNG file in base64. */
  readonly snapshot: () => Promise<string | undefined>;
};

export type Inspection = Common & Partial<OfTerminal & OfDesktop>;

declare global {
  interface Window {
    readonly causeway?: Inspection;
  }
}

type Readers<T> = { readonly [Name in keyof T]: () => T[Name] };

/** The API's name of what a node speaks to its target. */
export function protocolName(protocol: TargetProtocol): Protocol {
  if (protocol === TargetProtocol.RDP) return 'rdp';
  return protocol === TargetProtocol.VNC ? 'vnc' : 'ssh';
}

export type DesktopReaders = Readers<Common & OfDesktop>;

/** How the values that every session has are read. */
export function reader({
  driver,
}: SessionLife): Readers<Pick<Common, 'status' | 'protocol' | 'rttMs' | 'bytesReceived'>> {
  return {
    status: () => driver.view.status,
    protocol: () => driver.facts && protocolName(driver.facts.protocol),
    rttMs: () => driver.rttMs,
    bytesReceived: () => driver.bytesReceived,
  };
}

/** Exposes what `readers` read; the function that comes back takes it away. */
export function expose(readers: Readers<Common & OfTerminal> | DesktopReaders): () => void {
  const inspection = {} as Inspection;
  for (const [name, get] of Object.entries(readers)) {
    Object.defineProperty(inspection, name, { get, enumerable: true });
  }
  const frozen = Object.freeze(inspection);
  Object.defineProperty(window, 'causeway', { value: frozen, configurable: true });
  return () => {
    if (window.causeway === frozen) Reflect.deleteProperty(window, 'causeway');
  };
}
