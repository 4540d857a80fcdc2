/** `window.causeway`: what tests and curious people may read of the viewer. Nothing can be set. */

import type { Status } from '../protocol/state';

export type Inspection = {
  readonly status: Status;
  readonly protocol: 'ssh' | 'rdp' | 'vnc' | undefined;
  /** The terminal's area, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  /** Median round trip to the node of late; undefined before the first answer. */
  readonly rttMs: number | undefined;
  readonly framesPresented: number;
  /** Bytes of messages over all sockets of this page. */
  readonly bytesReceived: number;
  /** The visible text: the picture itself is a canvas. */
  readonly terminalText: () => string;
};

declare global {
  interface Window {
    readonly causeway?: Inspection;
  }
}

/** Exposes `inspection`; the function that comes back takes it away. */
export function expose(inspection: Inspection): () => void {
  const frozen = Object.freeze(inspection);
  Object.defineProperty(window, 'causeway', { value: frozen, configurable: true });
  return () => {
    if (window.causeway === frozen) Reflect.deleteProperty(window, 'causeway');
  };
}
