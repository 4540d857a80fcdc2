/**
 * JPEG files with what the browser has: `ImageDecoder`, which decodes beside
 * the worker and copies straight into the framebuffer, else an image bitmap
 * that is drawn and read back. A bounded number is decoded at one time.
 */

import type { JpegPicture } from './core/assembly';
import { JPEG_DECODES_MAX } from './core/limits';

const TYPE = 'image/jpeg';

type Converted = {
  readonly format: 'RGBA';
  readonly colorSpace: 'srgb';
  readonly layout?: readonly { readonly offset: number; readonly stride: number }[];
};

/** A `VideoFrame` whose pixels can be asked for in another format; the DOM's types do not know it yet. */
type ConvertingFrame = {
  allocationSize(options: Converted): number;
  copyTo(into: AllowSharedBufferSource, options: Converted): Promise<unknown>;
};

const RGBA = { format: 'RGBA', colorSpace: 'srgb' } as const;

export class JpegDecoder {
  #free = JPEG_DECODES_MAX;
  readonly #waiting: (() => void)[] = [];
  readonly #decode = typeof ImageDecoder === 'function' ? decodeToFrame : decodeToBitmap;

  async decode(file: Uint8Array): Promise<JpegPicture> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await this.#decode(file);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

async function decodeToFrame(file: Uint8Array): Promise<JpegPicture> {
  // The colours of a screen are the screen's: a profile would only change them.
  const decoder = new ImageDecoder({ data: file as BufferSource, type: TYPE, colorSpaceConversion: 'none' });
  try {
    const { image } = await decoder.decode();
    return converts(image) ? copied(image) : drawn(image);
  } finally {
    decoder.close();
  }
}

async function decodeToBitmap(file: Uint8Array): Promise<JpegPicture> {
  const blob = new Blob([file as BlobPart], { type: TYPE });
  return drawn(await createImageBitmap(blob, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' }));
}

/** A browser that does not convert ignores the wish, and would copy the frame's own planes. */
function converts(frame: VideoFrame): boolean {
  const { displayWidth: width, displayHeight: height } = frame;
  try {
    return (frame as unknown as ConvertingFrame).allocationSize(RGBA) === width * height * 4;
  } catch {
    return false;
  }
}

/** Straight into the framebuffer. */
function copied(frame: VideoFrame): JpegPicture {
  return {
    drawInto: async (framebuffer, rect) => {
      const offset = (rect.y * framebuffer.width + rect.x) * 4;
      const layout = [{ offset, stride: framebuffer.width * 4 }];
      await (frame as unknown as ConvertingFrame).copyTo(framebuffer.room, { ...RGBA, layout });
    },
    close: () => frame.close(),
  };
}

let scratch: OffscreenCanvasRenderingContext2D | undefined;

/** By way of a canvas, from which it is read back. */
function drawn(picture: VideoFrame | ImageBitmap): JpegPicture {
  return {
    drawInto: (framebuffer, rect) => {
      scratch ??= scratchCanvas();
      const { canvas } = scratch;
      if (canvas.width < rect.width) canvas.width = rect.width;
      if (canvas.height < rect.height) canvas.height = rect.height;
      scratch.drawImage(picture, 0, 0);
      framebuffer.putRgba(rect, scratch.getImageData(0, 0, rect.width, rect.height).data);
      return Promise.resolve();
    },
    close: () => picture.close(),
  };
}

function scratchCanvas(): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { alpha: false, willReadFrequently: true });
  if (!context) throw new Error('there is no canvas to decode pictures with');
  return context;
}
