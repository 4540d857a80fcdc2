/** What `window.causeway` tells of a desktop; see session/inspect.ts. */

import { reader, type DesktopReaders } from '../session/inspect';
import type { DesktopSession } from './desktop-session.svelte';

export function inspectionOf(session: DesktopSession): DesktopReaders {
  const { picture, sound, clipboard } = session;
  return {
    ...reader(session.life),
    width: () => picture.size?.width ?? 0,
    height: () => picture.size?.height ?? 0,
    framesPresented: () => picture.framesPresented,
    mode: () => session.mode,
    resizable: () => session.state.resizable,
    desktopName: () => session.state.name,
    decodeMs: () => picture.decodeMs,
    audio: () => sound.state,
    audioBufferedMs: () => sound.bufferedMs,
    remoteClipboard: () => clipboard.remote,
    pixel: () => (x, y) => picture.pixel(x, y),
    snapshot: () => () => snapshot(session),
  };
}

/** What is shown, as a PNG file in base64. */
async function snapshot({ picture }: DesktopSession): Promise<string | undefined> {
  const shown = await picture.snapshot();
  if (!shown) return undefined;
  const { width, height, rgba } = shown;
  const canvas = new OffscreenCanvas(width, height);
  const pixels = new ImageData(new Uint8ClampedArray(rgba), width, height);
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
