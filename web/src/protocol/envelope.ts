/** Envelopes as bytes: one a websocket message, at most `MESSAGE_BYTES_MAX` long. */

import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';

import {
  ToNodeSchema,
  ToViewerSchema,
  type ToViewer,
} from '../wire/generated/causeway/session/v1/session_pb';
import { MESSAGE_BYTES_MAX } from './limits';

export type ToViewerBody = ToViewer['body'];
export type ToNodeBody = NonNullable<MessageInitShape<typeof ToNodeSchema>['body']>;

/** The wire type of a field with its length before it. */
const LENGTH_DELIMITED = 2;

/** Decodes one message of the node; undefined when it is no envelope or too long. */
export function decodeToViewer(bytes: Uint8Array): ToViewerBody | undefined {
  if (bytes.length > MESSAGE_BYTES_MAX) return undefined;
  try {
    return fromBinary(ToViewerSchema, bytes).body;
  } catch {
    return undefined;
  }
}

export function encodeToNode(body: ToNodeBody): Uint8Array {
  return toBinary(ToNodeSchema, create(ToNodeSchema, { body }));
}

/**
 * The number of the one field that fills the whole envelope, read without
 * decoding it; undefined when there is none or more than one, which only a
 * full decoding can judge.
 */
export function soleField(bytes: Uint8Array): number | undefined {
  const tag = readVarint(bytes, 0);
  if (!tag || (tag.value & 7) !== LENGTH_DELIMITED) return undefined;
  const length = readVarint(bytes, tag.end);
  if (!length || length.end + length.value !== bytes.length) return undefined;
  return tag.value >>> 3;
}

type Varint = { value: number; end: number };

/** A variable-length integer of up to 28 bits, more than any length here needs. */
function readVarint(bytes: Uint8Array, start: number): Varint | undefined {
  let value = 0;
  for (let at = 0; at < 4; at += 1) {
    const byte = bytes[start + at];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * at);
    if (byte < 0x80) return { value, end: start + at + 1 };
  }
  return undefined;
}
