/** Bytes to messages and back: one envelope a websocket message. */

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';

import {
  Capability,
  CredentialAnswerSchema,
  HelloSchema,
  InputOrigin,
  ToNodeSchema,
  ToViewerSchema,
  ViewerSizeSchema,
  type ToNode,
  type ToViewer,
} from '../wire/generated/causeway/session/v1/session_pb';
import { INPUT_BYTES_MAX, MESSAGE_BYTES_MAX, PROTOCOL_VERSION, TERMINAL_WINDOW_BYTES } from './limits';

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

export type ToViewerBody = ToViewer['body'];
type ToNodeBody = Exclude<ToNode['body'], { case: undefined }>;

/** What this client can do beyond the base of its version. */
const CAPABILITIES = [Capability.TERMINAL, Capability.CLIPBOARD_TEXT, Capability.RESUME];

/** Decodes one message of the node; undefined when it is no envelope or too long. */
export function decodeToViewer(bytes: Uint8Array): ToViewerBody | undefined {
  if (bytes.length > MESSAGE_BYTES_MAX) return undefined;
  try {
    return fromBinary(ToViewerSchema, bytes).body;
  } catch {
    return undefined;
  }
}

export function hello(size: ViewerSize, locale: Locale, resumeFrom: number | undefined): Uint8Array {
  return encode({
    case: 'hello',
    value: create(HelloSchema, {
      version: PROTOCOL_VERSION,
      capabilities: CAPABILITIES,
      size,
      ...(resumeFrom === undefined ? {} : { resume: { outputOffset: BigInt(resumeFrom) } }),
      terminalWindowBytes: TERMINAL_WINDOW_BYTES,
      language: locale.language,
      timeZone: locale.timeZone,
    }),
  });
}

export function ping(nonce: number): Uint8Array {
  return encodeInit({ case: 'ping', value: { nonce: BigInt(nonce) } });
}

export function leave(): Uint8Array {
  return encodeInit({ case: 'leave', value: {} });
}

export function terminalAck(offset: number): Uint8Array {
  return encodeInit({ case: 'terminalAck', value: { outputOffset: BigInt(offset) } });
}

export function terminalResize(size: ViewerSize): Uint8Array {
  return encodeInit({ case: 'terminalResize', value: { size: create(ViewerSizeSchema, size) } });
}

export function clipboard(text: string): Uint8Array {
  return encodeInit({ case: 'clipboard', value: { text } });
}

/** `answers` is undefined when the person cancelled. */
export function credentialAnswer(id: number, answers: readonly string[] | undefined): Uint8Array {
  return encode({
    case: 'credentialAnswer',
    value: create(CredentialAnswerSchema, {
      id,
      answers: [...(answers ?? [])],
      cancelled: answers === undefined,
    }),
  });
}

/** Input in as many messages as its length asks for. */
export function terminalInput(data: Uint8Array, pasted: boolean): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let start = 0; start < data.length; start += INPUT_BYTES_MAX) {
    messages.push(
      encodeInit({
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

type ToNodeInit = NonNullable<Parameters<typeof create<typeof ToNodeSchema>>[1]>;

function encodeInit(body: NonNullable<ToNodeInit['body']>): Uint8Array {
  return toBinary(ToNodeSchema, create(ToNodeSchema, { body }));
}

function encode(body: ToNodeBody): Uint8Array {
  return encodeInit(body);
}
