/** Screens that move as real ones do, as the messages of a few frames that can be played in a circle. */

import { copy, jpeg, lossless, pieces, type Rgba } from './node';

/** The frames after a first one, which is the last one's picture. */
export type Scene = { first: Uint8Array[]; frames: Uint8Array[][] };

const FRAMES = 8;
const LINE_PX = 17;

export const SCENES: Record<string, (width: number, height: number) => Promise<Scene>> = {
  /** Another page of text in each frame, lossless. */
  text: (width, height) => {
    const frames = Array.from({ length: FRAMES }, (_, index) => wholeLossless(textPage(width, height, index * 31)));
    return Promise.resolve({ first: frames[FRAMES - 1] ?? [], frames });
  },

  /** A page that scrolls by a line: a copy and a strip. */
  scroll: (width, height) => {
    const moved = { x: 0, y: LINE_PX, width, height: height - LINE_PX };
    const strip = { x: 0, y: height - LINE_PX, width, height: LINE_PX };
    const frames = Array.from({ length: FRAMES }, (_, index) => [
      copy(moved, 0, 0),
      lossless(textPage(width, height, index), [strip]),
    ]);
    return Promise.resolve({ first: wholeLossless(textPage(width, height, 0)), frames });
  },

  /** A word typed: a small difference. */
  typing: (width, height) => {
    const pages = Array.from({ length: FRAMES }, (_, index) => textPage(width, height, index));
    const line = { x: 0, y: LINE_PX * 10, width: Math.min(width, 760), height: LINE_PX };
    const frames = pages.map((page, index) => [lossless(page, [line], pages[(index + FRAMES - 1) % FRAMES])]);
    const last = pages[FRAMES - 1];
    return Promise.resolve({ first: last ? wholeLossless(last) : [], frames });
  },

  /** A noisy film over the whole screen, in JPEG files of a few rows of tiles. */
  photo: async (width, height) => {
    const frames = await Promise.all(
      Array.from({ length: FRAMES }, (_, index) => {
        const image = photograph(width, height, index);
        return Promise.all(pieces(width, height, 640, 256).map((rect) => jpeg(image, rect)));
      }),
    );
    return { first: frames[FRAMES - 1] ?? [], frames };
  },

  /** The same as many small files. */
  tiles: async (width, height) => {
    const frames = await Promise.all(
      Array.from({ length: FRAMES / 2 }, (_, index) => {
        const image = photograph(width, height, index);
        return Promise.all(pieces(width, height, 128, 128).map((rect) => jpeg(image, rect)));
      }),
    );
    return { first: frames.at(-1) ?? [], frames };
  },
};

/** In bands, so that a message stays below what one may be. */
function wholeLossless(image: Rgba): Uint8Array[] {
  return pieces(image.width, image.height, image.width, 256).map((rect) => lossless(image, [rect]));
}

export function textPage(width: number, height: number, firstLine: number): Rgba {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  context.fillStyle = '#1d2024';
  context.fillRect(0, 0, width, height);
  context.font = '14px monospace';
  for (let line = 0; line * LINE_PX < height; line += 1) {
    let state = (line + firstLine) * 7919;
    let text = '';
    for (let column = 0; column < width / 8; column += 1) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      text += state % 5 === 0 ? ' ' : String.fromCharCode(97 + ((state >> 8) % 26));
    }
    context.fillStyle = line % 4 === 0 ? '#7fb3ff' : '#d8dadf';
    context.fillText(text, 4, (line + 1) * LINE_PX - 4);
  }
  return context.getImageData(0, 0, width, height);
}

export function photograph(width: number, height: number, shift: number): Rgba {
  const image = new ImageData(width, height);
  let noise = shift + 1;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
      const grain = (noise >>> 28) - 8;
      const at = (y * width + x) * 4;
      image.data[at] = 128 + 90 * Math.sin((x + shift * 9) / 97 + y / 61) + grain;
      image.data[at + 1] = 128 + 90 * Math.sin(x / 53 - (y + shift * 5) / 71) + grain;
      image.data[at + 2] = 128 + 90 * Math.cos((x - shift * 4) / 31 + y / 127) + grain;
      image.data[at + 3] = 255;
    }
  }
  return image;
}
