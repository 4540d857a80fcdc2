/**
 * Writes to xterm.js at once. Its own `write` waits for a timer, which costs
 * an echo a turn of the event loop, a flood four milliseconds a slice, and a
 * hidden tab nearly everything. xterm.js has a way to parse at once, kept for
 * the write that follows a key; this uses it. If a later version lacks it,
 * `write` works as documented and everything is slower, not wrong.
 */

import type { Terminal } from '@xterm/xterm';

type WriteBuffer = { handleUserInput?: () => void };
type WithCore = { _core?: { _writeBuffer?: WriteBuffer } };

export function writeNow(terminal: Terminal, data: Uint8Array): void {
  (terminal as unknown as WithCore)._core?._writeBuffer?.handleUserInput?.();
  terminal.write(data);
}
