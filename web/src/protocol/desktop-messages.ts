/** What the viewer of a desktop says to the node. */

import { create } from '@bufbuild/protobuf';

import { ViewerSizeSchema } from '../wire/generated/causeway/session/v1/session_pb';
import { encodeToNode } from './envelope';
import { CLIPBOARD_PIECE_BYTES_MAX, KEY_NAME_BYTES_MAX, TEXT_BYTES_MAX } from './limits';
import type { ViewerSize } from './messages';
import { piecesOf, utf8Length } from './pieces';

/** Which lock keys are on. */
export type LockKeys = { caps: boolean; num: boolean; scroll: boolean };

/** What a person does to a desktop. */
export type DesktopInput =
  /** `code` and `key` as `KeyboardEvent` has them. */
  | { is: 'key'; code: string; key: string; down: boolean }
  /** Text that no single key gave. */
  | { is: 'text'; text: string }
  | ({ is: 'pointer' } & PointerState)
  | ({ is: 'lock_keys' } & LockKeys);

/** Where the pointer is, in pixels of the remote screen, and what it does. */
export type PointerState = {
  x: number;
  y: number;
  /** Bit 0 left, 1 middle, 2 right, 3 back, 4 forward. */
  buttons: number;
  /** 120 a notch, positive to the right and down. */
  wheelX: number;
  wheelY: number;
};

/** The messages that tell `input`; none for what no node would take. */
export function desktopInput(input: DesktopInput): Uint8Array[] {
  switch (input.is) {
    case 'key':
      return key(input.code, input.key, input.down);
    case 'text':
      return piecesOf(input.text, TEXT_BYTES_MAX).map((text) =>
        encodeToNode({ case: 'text', value: { text } }),
      );
    case 'pointer':
      return [pointer(input)];
    case 'lock_keys':
      return [
        encodeToNode({
          case: 'lockKeys',
          value: { caps: input.caps, num: input.num, scroll: input.scroll },
        }),
      ];
  }
}

/** A text for the target's clipboard, in as many messages as it takes. */
export function clipboard(text: string): Uint8Array[] {
  const pieces = piecesOf(text, CLIPBOARD_PIECE_BYTES_MAX);
  return pieces.map((piece, index) =>
    encodeToNode({ case: 'clipboard', value: { text: piece, more: index + 1 < pieces.length } }),
  );
}

export function desktopResize(size: ViewerSize): Uint8Array {
  return encodeToNode({ case: 'desktopResize', value: { size: create(ViewerSizeSchema, size) } });
}

/** `presentUs` is the time from the mark's receipt to its presentation, µs. */
export function frameAck(frame: bigint, presentUs: number): Uint8Array {
  const bounded = Math.min(0xffff_ffff, Math.max(0, Math.round(presentUs)));
  return encodeToNode({ case: 'frameAck', value: { frame, presentUs: bounded } });
}

function key(code: string, name: string, down: boolean): Uint8Array[] {
  if (utf8Length(code) > KEY_NAME_BYTES_MAX || utf8Length(name) > KEY_NAME_BYTES_MAX) return [];
  return [encodeToNode({ case: 'key', value: { code, key: name, down } })];
}

function pointer({ x, y, buttons, wheelX, wheelY }: PointerState): Uint8Array {
  return encodeToNode({ case: 'pointer', value: { x, y, buttons, wheelX, wheelY } });
}
