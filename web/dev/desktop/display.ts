/** Pictures that stay on the page while it is photographed, and what the photographs show. */

import { DesktopPicture } from '../../src/desktop/picture';
import { lossless, mark, pieces, solid, surface, type Rgba } from './node';
import { coloursOf } from './picture-checks';

/** Leaves a picture of single pixels on the page that fills it, pixel for pixel; gives its size. */
export async function showChequers(host: HTMLElement): Promise<{ width: number; height: number }> {
  const width = Math.round(host.clientWidth * devicePixelRatio);
  const height = Math.round(host.clientHeight * devicePixelRatio);
  const image = chequers(width, height);
  await new Promise<void>((resolve) => {
    const picture = new DesktopPicture(host, {
      presented: () => resolve(),
      sized: () => undefined,
      failed: (reason) => {
        throw new Error(reason);
      },
    });
    const bands = pieces(width, height, width, 200).map((rect) => lossless(image, [rect]));
    for (const message of [surface(width, height), ...bands, mark(1n)]) picture.take(message);
  });
  return { width, height };
}

/** Fills the page with one colour after another until `stop` is called, each in pieces that come apart. */
export function showColours(host: HTMLElement): { stop: () => void } {
  const [width, height] = [800, 600];
  let running = true;
  let frame = 0n;
  const picture = new DesktopPicture(host, { presented: () => undefined, sized: () => undefined, failed: () => undefined });
  picture.take(surface(width, height));
  const play = async (): Promise<void> => {
    while (running) {
      frame += 1n;
      const colour = Math.imul(Number(frame), 0x9e3779) & 0xffffff;
      for (const rect of pieces(width, height, 200, 150)) {
        picture.take(solid(rect, colour));
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      picture.take(mark(frame));
    }
    picture.dispose();
  };
  void play();
  return { stop: () => (running = false) };
}

/** How many colours the middle of a screenshot has, a PNG in base64. */
export async function coloursOfScreenshot(png: string): Promise<number> {
  const { context, width, height } = await opened(png);
  const { data } = context.getImageData(width * 0.2, height * 0.1, width * 0.6, height * 0.8);
  return coloursOf({ rgba: data }).size;
}

/** How many bytes of a screenshot, a PNG in base64, are not the chequers'. */
export async function wrongChequers(png: string, width: number, height: number): Promise<number> {
  const { context } = await opened(png);
  const seen = context.getImageData(0, 0, width, height).data;
  const expected = chequers(width, height).data;
  return expected.reduce((wrong, value, index) => (value === seen[index] ? wrong : wrong + 1), 0);
}

async function opened(png: string) {
  const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (char) => char.charCodeAt(0))]));
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  context.drawImage(bitmap, 0, 0);
  return { context, width, height };
}

function chequers(width: number, height: number): Rgba {
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  for (let index = 0; index < words.length; index += 1) {
    const x = index % width;
    const y = Math.floor(index / width);
    words[index] = (x + y) % 2 === 0 ? 0xff_00_00_00 : 0xff_ff_ff_ff - ((x % 200) << 8);
  }
  return image;
}
