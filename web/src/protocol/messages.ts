/** What a viewer of any kind, and a terminal, say to the node. */

import { create } from '@bufbuild/protobuf';

import {
  Capability,
  InputOrigin,
  ViewerSizeSchema,
} from '../wire/generated/causeway/session/v1/session_pb';
import { encodeToNode } from './envelope';
import { INPUT_BYTES_MAX, PROTOCOL_VERSION, TERMINAL_WINDOW_BYTES } from './limits';

/** The viewer's size as the protocol tells it. */
export type ViewerSize = {
  columns: number;
  rows: number;
  widthPx: number;
  heightPx: number;
  scalePercent: number;
};

export function sameSize(one: ViewerSize, other: ViewerSize): boolean {
  return (
    one.columns === other.columns &&
    one.rows === other.rows &&
    one.widthPx === other.widthPx &&
    one.heightPx === other.heightPx &&
    one.scalePercent === other.scalePercent
  );
}

/** Where the viewer is, as far as the target may care. */
export type Locale = { language: string; timeZone: string };

/** What this client can do beyond the base of its version. */
const CAPABILITIES = [
  Capability.TERMINAL,
  Capability.CLIPBOARD_TEXT,
  Capability.RESUME,
  Capability.TILE_ZSTD,
  Capability.TILE_JPEG,
  Capability.AUDIO_PCM,
];

/** `resumeFrom` is set when a part of the session was seen before; `input` goes on with what was typed. */
export function hello(
  size: ViewerSize,
  locale: Locale,
  resumeFrom: number | undefined,
  input: { id: bigint; sent: bigint },
): Uint8Array {
  return encodeToNode({
    case: 'hello',
    value: {
      version: PROTOCOL_VERSION,
      capabilities: CAPABILITIES,
      size: create(ViewerSizeSchema, size),
      ...(resumeFrom === undefined ? {} : { resume: { outputOffset: BigInt(resumeFrom) } }),
      terminalWindowBytes: TERMINAL_WINDOW_BYTES,
      language: locale.language,
      timeZone: locale.timeZone,
      input,
    },
  });
}

export function ping(nonce: number): Uint8Array {
  return encodeToNode({ case: 'ping', value: { nonce: BigInt(nonce) } });
}

export function leave(): Uint8Array {
  return encodeToNode({ case: 'leave', value: {} });
}

export function terminalAck(offset: number): Uint8Array {
  return encodeToNode({ case: 'terminalAck', value: { outputOffset: BigInt(offset) } });
}

export function terminalResize(size: ViewerSize): Uint8Array {
  return encodeToNode({ case: 'terminalResize', value: { size: create(ViewerSizeSchema, size) } });
}

/** `answers` is undefined when the person cancelled. */
export function credentialAnswer(id: number, answers: readonly string[] | undefined): Uint8Array {
  return encodeToNode({
    case: 'credentialAnswer',
    value: { id, answers: [...(answers ?? [])], cancelled: answers === undefined },
  });
}

/** Input in as many messages as its length asks for. */
export function terminalInput(data: Uint8Array, pasted: boolean): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let start = 0; start < data.length; start += INPUT_BYTES_MAX) {
    messages.push(
      encodeToNode({
        case: 'terminalInput',
        value: {
          data: data.subarray(start, start + INPUT_BYTES_MAX),
          origin: pasted ? InputOrigin.PASTED : InputOrigin.TYPED,
        },
      }),
    );
  }
  return messages;
}
