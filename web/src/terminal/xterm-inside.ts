/**
 * Two things that xterm.js does inside and does not offer: parsing at once,
 * and holding back frames. Both are found by looking; a version that lacks
 * them is slower, not wrong.
 */

import type { Terminal } from '@xterm/xterm';

type Inside = {
  _core?: {
    _writeBuffer?: { handleUserInput?: () => void };
    coreService?: { decPrivateModes?: { synchronizedOutput?: boolean } };
  };
};

function inside(terminal: Terminal): Inside['_core'] {
  return (terminal as unknown as Inside)._core;
}

/**
 * Parses `data` before it returns. `write` alone waits for a timer, which
 * costs an echo a turn of the event loop, a flood four milliseconds a slice,
 * and a hidden tab nearly everything. After a key xterm.js parses the next
 * write at once; this says that there was one.
 */
export function writeNow(terminal: Terminal, data: Uint8Array): void {
  inside(terminal)?._writeBuffer?.handleUserInput?.();
  terminal.write(data);
}

/** Lets output change the buffer but not the picture, as between `CSI ? 2026 h` and `l`. */
export function holdFrames(terminal: Terminal): void {
  const modes = inside(terminal)?.coreService?.decPrivateModes;
  if (modes?.synchronizedOutput === false) modes.synchronizedOutput = true;
}

/** Ends `holdFrames` and asks for a frame. */
export function releaseFrames(terminal: Terminal): void {
  const modes = inside(terminal)?.coreService?.decPrivateModes;
  if (modes?.synchronizedOutput) modes.synchronizedOutput = false;
  terminal.refresh(0, terminal.rows - 1);
}
