/**
 * The desktop of a session: parts of the picture on their way to whoever
 * decodes them, frames acknowledged when they are presented, and what the
 * node tells beside the picture. It looks into no part of a picture but marks.
 */

import { ToViewerSchema } from '../wire/generated/causeway/session/v1/session_pb';
import * as messages from './desktop-messages';
import { soleField, type ToViewerBody } from './envelope';
import { MARKS_MAX, MESSAGE_BYTES_MAX } from './limits';
import type { Effect } from './state';

type BodyCase = NonNullable<ToViewerBody['case']>;

const PICTURE_CASES = [
  'surfaceCreated',
  'surfaceRemoved',
  'tile',
  'solid',
  'copy',
  'videoChunk',
  'cursorShape',
  'cursorMoved',
] as const satisfies BodyCase[];

const PICTURE_FIELDS = new Set<number | undefined>(
  PICTURE_CASES.map((name) => ToViewerSchema.fields.find((field) => field.localName === name)?.number),
);

/** True for a message that is a part of the picture, found without decoding it. */
export function isPicture(message: Uint8Array): boolean {
  return message.length <= MESSAGE_BYTES_MAX && PICTURE_FIELDS.has(soleField(message));
}

export class DesktopSide {
  #marks: bigint[] = [];
  #resizable = false;

  /** The target follows the viewer's size. */
  get resizable(): boolean {
    return this.#resizable;
  }

  /** A node counts frames anew for each socket: those of the last are owed no more. */
  handleWelcome(): void {
    this.#marks = [];
  }

  /** What `body`, which came as `message`, leads to; undefined when it is of no desktop. */
  handleBody(body: ToViewerBody, message: Uint8Array): Effect[] | undefined {
    switch (body.case) {
      case 'frameMark':
        this.#marks = [...this.#marks, body.value.frame].slice(-MARKS_MAX);
        return [{ do: 'picture', message }];
      case 'audioChunk':
        return [{ do: 'audio', chunk: body.value }];
      case 'lockKeys': {
        const { caps, num, scroll } = body.value;
        return [{ do: 'lock_keys', keys: { caps, num, scroll } }];
      }
      case 'bell':
        return [{ do: 'bell' }];
      case 'desktopState': {
        const { resizable, name } = body.value;
        this.#resizable = resizable;
        return [{ do: 'desktop_state', state: { resizable, name } }];
      }
      default:
        return PICTURE_CASES.some((each) => each === body.case)
          ? [{ do: 'picture', message }]
          : undefined;
    }
  }

  /** The acknowledgement of a presented frame; none for one that this socket did not bring. */
  handlePresented(frame: bigint, presentUs: number): Uint8Array | undefined {
    const at = this.#marks.indexOf(frame);
    if (at < 0) return undefined;
    this.#marks = this.#marks.filter((_, index) => index !== at);
    return messages.frameAck(frame, presentUs);
  }
}
