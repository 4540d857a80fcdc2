/**
 * The size that a JPEG file says it has (ITU-T T.81, B.2.2), read before it
 * is decoded: a decoder makes room for whatever the file says.
 */

import type { Size } from './rect';

const MARKER = 0xff;
const START_OF_IMAGE = 0xd8;
const START_OF_SCAN = 0xda;

/** Undefined when there is no frame header before the first scan. */
export function jpegSize(file: Uint8Array): Size | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 4 || file[0] !== MARKER || file[1] !== START_OF_IMAGE) return undefined;
  let at = 2;
  while (at + 4 <= file.length) {
    if (file[at] !== MARKER) return undefined;
    const code = file[at + 1] ?? 0;
    if (code === MARKER) {
      // Fill bytes may come before a marker.
      at += 1;
      continue;
    }
    if (code === START_OF_SCAN) return undefined;
    if (isStartOfFrame(code)) {
      if (at + 9 > file.length) return undefined;
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** SOF0 to SOF15 without the three codes among them that mean other things. */
function isStartOfFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}
