/** The node's side of a picture: messages as a node makes them, out of RGBA. */

import { compress } from '@bokuweb/zstd-wasm';
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';

import { TileCodec, ToViewerSchema } from '../../src/wire/generated/causeway/session/v1/session_pb';

export type Area = { x: number; y: number; width: number; height: number };
export type Rgba = { width: number; height: number; data: Uint8ClampedArray };

type Body = NonNullable<MessageInitShape<typeof ToViewerSchema>['body']>;

const message = (body: Body): Uint8Array => toBinary(ToViewerSchema, create(ToViewerSchema, { body }));

export const surface = (width: number, height: number) => message({ case: 'surfaceCreated', value: { width, height } });
export const mark = (frame: bigint) => message({ case: 'frameMark', value: { frame } });
export const solid = (rect: Area, rgb: number) => message({ case: 'solid', value: { rect, rgb } });
export const copy = (source: Area, x: number, y: number) => message({ case: 'copy', value: { source, x, y } });
export const cursorMoved = (x: number, y: number) => message({ case: 'cursorMoved', value: { x, y } });

export function cursor(width: number, height: number, hotspotX: number, hotspotY: number, rgba: Uint8Array) {
  return message({ case: 'cursorShape', value: { width, height, hotspotX, hotspotY, rgba } });
}

/** Lossless; with `shown`, as the difference to it. */
export function lossless(image: Rgba, rects: Area[], shown?: Rgba): Uint8Array {
  const rows = rects.map((rect) => rgbOf(image, rect, shown));
  const data = new Uint8Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    data.set(row, at);
    at += row.length;
  }
  const codec = shown ? TileCodec.RGB24_XOR_ZSTD : TileCodec.RGB24_ZSTD;
  return message({ case: 'tile', value: { codec, rects, data: compress(data, 1) } });
}

export async function jpeg(image: Rgba, rect: Area, quality = 0.78): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(rect.width, rect.height);
  const pixels = new ImageData(new Uint8ClampedArray(image.data), image.width, image.height);
  canvas.getContext('2d')?.putImageData(pixels, -rect.x, -rect.y);
  const file = await canvas.convertToBlob({ type: 'image/jpeg', quality });
  const data = new Uint8Array(await file.arrayBuffer());
  return message({ case: 'tile', value: { codec: TileCodec.JPEG, rects: [rect], data } });
}

/** The screen in pieces of at most that size. */
export function pieces(width: number, height: number, pieceWidth: number, pieceHeight: number): Area[] {
  const areas: Area[] = [];
  for (let y = 0; y < height; y += pieceHeight) {
    for (let x = 0; x < width; x += pieceWidth) {
      areas.push({ x, y, width: Math.min(pieceWidth, width - x), height: Math.min(pieceHeight, height - y) });
    }
  }
  return areas;
}

function rgbOf(image: Rgba, rect: Area, shown: Rgba | undefined): Uint8Array {
  const rgb = new Uint8Array(rect.width * rect.height * 3);
  let at = 0;
  for (let y = rect.y; y < rect.y + rect.height; y += 1) {
    for (let x = rect.x; x < rect.x + rect.width; x += 1) {
      const from = (y * image.width + x) * 4;
      for (let channel = 0; channel < 3; channel += 1) {
        rgb[at] = (image.data[from + channel] ?? 0) ^ (shown?.data[from + channel] ?? 0);
        at += 1;
      }
    }
  }
  return rgb;
}
