/**
 * JPEG files with what the browser has: `ImageDecoder`, which decodes beside
 * the worker and copies straight into the framebuffer, else an image bitmap
 * that is drawn and read back. A bounded number is decoded at one time.
 */

import type { JpegPicture } from './core/assembly';
import { JPEG_DECODES_MAX } from './core/limits';

const TYPE = 'image/jpeg';

/** `VideoFrame.copyTo` that also converts; the DOM types do not know it yet. */
type ConvertingCopy = {
  copyTo(
    into: AllowSharedBufferSource,
    options: { format: 'RGBA'; colorSpace: 'srgb'; layout: { offset: number; stride: number }[] },
  ): Promise<unknown>;
};

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
    return {
      drawInto: async (framebuffer, rect) => {
        const offset = (rect.y * framebuffer.width + rect.x) * 4;
        const layout = [{ offset, stride: framebuffer.width * 4 }];
        const frame = image as unknown as ConvertingCopy;
        await frame.copyTo(framebuffer.room, { format: 'RGBA', colorSpace: 'srgb', layout });
      },
      close: () => image.close(),
    };
  } finally {
    decoder.close();
  }
}

let scratch: OffscreenCanvasRenderingContext2D | undefined;

async function decodeToBitmap(file: Uint8Array): Promise<JpegPicture> {
  const blob = new Blob([file as BlobPart], { type: TYPE });
  const bitmap = await createImageBitmap(blob, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
  return {
    drawInto: (framebuffer, rect) => {
      scratch ??= scratchCanvas();
      const { canvas } = scratch;
      if (canvas.width < rect.width) canvas.width = rect.width;
      if (canvas.height < rect.height) canvas.height = rect.height;
      scratch.drawImage(bitmap, 0, 0);
      framebuffer.putRgba(rect, scratch.getImageData(0, 0, rect.width, rect.height).data);
      return Promise.resolve();
    },
    close: () => bitmap.close(),
  };
}

function scratchCanvas(): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { alpha: false, willReadFrequently: true });
  if (!context) throw new Error('there is no canvas to decode pictures with');
  return context;
}
