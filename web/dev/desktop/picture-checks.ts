/** What only a browser can tell of the picture: that what was sent is what is seen. Each gives the complaints it has. */

import { DesktopPicture } from '../../src/desktop/picture';
import { copy, cursor, cursorMoved, jpeg, lossless, mark, pieces, solid, surface, type Rgba } from './node';
import { photograph, textPage } from './scenes';

export type Check = (host: HTMLElement) => Promise<string[]>;

/** The least agreement of a JPEG picture of good quality, in dB. */
const PSNR_MIN = 30;

/** How long anything may take that is waited for, in ms. */
const WAIT_MS = 8_000;

export const PICTURE_CHECKS: Record<string, Check> = {
  'lossless tiles, differences, solids and copies are shown exactly': (host) =>
    withPicture(host, async (bench) => {
      const [width, height] = [701, 403];
      const first = textPage(width, height, 0);
      const second = textPage(width, height, 5);
      bench.send(surface(width, height), lossless(first, pieces(width, height, 64, 64)));
      await bench.frame();
      const complaints = await differences(bench.picture, first, 'tiles');
      bench.send(lossless(second, pieces(width, height, 131, 77), first));
      await bench.frame();
      complaints.push(...(await differences(bench.picture, second, 'differences')));
      const where = { x: 33, y: 44, width: 55, height: 66 };
      bench.send(solid(where, 0x123456), copy({ x: 10, y: 20, width: 300, height: 200 }, 13, 31));
      await bench.frame();
      complaints.push(...(await differences(bench.picture, moved(second, where), 'solid and copy')));
      return complaints;
    }),

  'JPEG files of any size are shown in their place, in order': (host) =>
    withPicture(host, async (bench) => {
      const [width, height] = [515, 389];
      const image = photograph(width, height, 3);
      const files = await Promise.all(pieces(width, height, 67, 51).map((rect) => jpeg(image, rect, 0.9)));
      bench.send(surface(width, height), solid({ x: 0, y: 0, width, height }, 0xff00ff), ...files);
      bench.send(solid({ x: 5, y: 5, width: 20, height: 20 }, 0x00ff00));
      await bench.frame();
      const shown = await bench.picture.snapshot();
      if (!shown) return ['nothing is shown'];
      const complaints = greenIn(shown, 5, 5) ? [] : ['the solid was drawn before the file'];
      const agreement = psnr(shown, image);
      if (agreement < PSNR_MIN) complaints.push(`the picture agrees to ${agreement.toFixed(1)} dB only`);
      return complaints;
    }),

  'no picture is a mixture of two frames': (host) =>
    withPicture(host, async (bench) => {
      const [width, height] = [800, 600];
      const mixed: string[] = [];
      bench.send(surface(width, height), solid({ x: 0, y: 0, width, height }, 0));
      for (let round = 0; round < 60; round += 1) {
        const colour = (round * 4) | ((round * 3) << 8) | ((255 - round) << 16);
        for (const rect of pieces(width, height, 200, 150)) bench.send(solid(rect, colour));
        // The half of a frame that is on its way must not be seen.
        const ended = round % 3 === 2 ? bench.frame() : undefined;
        const shown = await bench.picture.snapshot();
        if (shown && coloursOf(shown).size > 1) mixed.push(`round ${round} shows ${coloursOf(shown).size} colours`);
        await ended;
      }
      return mixed;
    }),

  'the picture follows a new size': (host) =>
    withPicture(host, async (bench) => {
      const complaints: string[] = [];
      for (const [width, height] of [[640, 480], [1, 1], [1920, 1080], [333, 999]] as const) {
        const image = textPage(width, height, width);
        bench.send(surface(width, height), lossless(image, pieces(width, height, 256, 256)));
        await bench.frame();
        complaints.push(...(await differences(bench.picture, image, `${width}x${height}`)));
        const { size } = bench.picture;
        if (size?.width !== width || size.height !== height) complaints.push(`${width}x${height} is told as another size`);
      }
      return complaints;
    }),

  'points of the page are pixels of the picture': (host) =>
    withPicture(host, async (bench) => {
      bench.send(surface(3000, 300), solid({ x: 0, y: 0, width: 3000, height: 300 }, 0x336699));
      await bench.frame();
      const complaints: string[] = [];
      const at = (left: number, top: number) => bench.picture.toRemote(left, top);
      const width = host.clientWidth;
      if (at(0, host.clientHeight / 2)?.x !== 0) complaints.push('left');
      if (at(width - 0.1, host.clientHeight / 2)?.x !== 2999) complaints.push('right');
      if (bench.picture.contains(5, 5)) complaints.push('the bar is part of the picture');
      bench.picture.setMode('actual');
      const { element } = bench.picture;
      element.scrollLeft = 500;
      const remote = at(7, host.clientHeight / 2)?.x;
      if (remote !== Math.floor((element.scrollLeft + 7) * devicePixelRatio)) complaints.push(`scrolled: ${remote}`);
      return complaints;
    }),

  'the pointer is the target\'s': (host) =>
    withPicture(host, async (bench) => {
      bench.send(surface(640, 480), solid({ x: 0, y: 0, width: 640, height: 480 }, 0x336699));
      await bench.frame();
      const { element } = bench.picture;
      const complaints: string[] = [];
      const expectStyle = async (what: string, matches: (style: string) => boolean): Promise<void> => {
        const good = await until(() => matches(element.style.cursor));
        if (!good) complaints.push(`${what}: ${element.style.cursor}`);
      };
      const red = Uint8Array.from({ length: 16 * 16 * 4 }, (_, index) => (index % 4 === 1 || index % 4 === 2 ? 0 : 255));
      bench.send(cursor(16, 16, 3, 4, red));
      await expectStyle('a shape', (style) => style.includes('blob:') && style.includes('default'));
      bench.send(cursor(0, 0, 0, 0, new Uint8Array()));
      await expectStyle('hidden', (style) => style === 'none');
      bench.send(cursor(0, 0, 1, 0, new Uint8Array()));
      await expectStyle('the own arrow', (style) => style === 'default');
      bench.send(cursorMoved(320, 240));
      const overlay = element.querySelector<HTMLImageElement>('.desktop-picture-pointer');
      if (!(await until(() => overlay?.hidden === false && overlay.naturalWidth > 0))) complaints.push('no arrow where the target moved it');
      return complaints;
    }),

  'a worker that dies is replaced, and its picture asked for again': async (host) => {
    const own = globalThis.Worker;
    const workers: Worker[] = [];
    globalThis.Worker = class extends own {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given);
        workers.push(this);
      }
    };
    try {
      return await withPicture(host, async (bench) => {
        const image = textPage(320, 200, 1);
        const whole = [surface(320, 200), lossless(image, [{ x: 0, y: 0, width: 320, height: 200 }])];
        bench.send(...whole);
        await bench.frame();
        const complaints: string[] = [];
        const die = () => workers.at(-1)?.dispatchEvent(new ErrorEvent('error', { message: 'gone', cancelable: true }));
        const asked = bench.picture.snapshot();
        die();
        await asked;
        if (bench.failures.splice(0).join() !== 'gone') complaints.push('it is not told');
        bench.send(...whole);
        await bench.frame();
        complaints.push(...(await differences(bench.picture, image, 'the picture of the next worker')));
        for (let death = 0; death < 9; death += 1) die();
        if (workers.length > 4) complaints.push(`${workers.length} workers were begun`);
        if (await bench.picture.snapshot()) complaints.push('there is a picture without a worker');
        bench.failures.length = 0;
        return complaints;
      });
    } finally {
      globalThis.Worker = own;
    }
  },

  'wrong data is told once, counted, and does no harm': (host) =>
    withPicture(host, async (bench) => {
      const image = textPage(300, 200, 1);
      bench.send(surface(300, 200), lossless(image, pieces(300, 200, 64, 64)));
      const broken = lossless(image, [{ x: 0, y: 0, width: 8, height: 8 }]);
      for (let index = 0; index < 50; index += 1) {
        bench.send(broken.map((byte, at) => (at > 20 && at % 9 === index % 9 ? byte ^ 0x5a : byte)));
      }
      bench.send(solid({ x: 299, y: 0, width: 2, height: 2 }, 0), new Uint8Array([1, 2, 3]), surface(9999, 1));
      bench.send(surface(300, 200), lossless(image, pieces(300, 200, 64, 64)));
      await bench.frame();
      const complaints = await differences(bench.picture, image, 'after it');
      const told = bench.failures.splice(0).length;
      if (told !== 1) complaints.push(`told ${told} times`);
      if (bench.picture.statistics.faults < 3) complaints.push(`counted ${bench.picture.statistics.faults}`);
      return complaints;
    }),
};

type Bench = {
  picture: DesktopPicture;
  failures: string[];
  send: (...messages: Uint8Array[]) => void;
  /** Ends the frame and waits until it is shown. */
  frame: () => Promise<void>;
};

async function withPicture(host: HTMLElement, check: (bench: Bench) => Promise<string[]>): Promise<string[]> {
  let shown = 0n;
  let sent = 0n;
  const failures: string[] = [];
  const picture = new DesktopPicture(host, {
    presented: (frame) => (shown = frame),
    sized: () => undefined,
    failed: (reason) => failures.push(reason),
  });
  const send = (...messages: Uint8Array[]): void => messages.forEach((message) => picture.take(message.slice()));
  const frame = async (): Promise<void> => {
    sent += 1n;
    send(mark(sent));
    if (!(await until(() => shown === sent))) throw new Error(`frame ${sent} is not shown, ${shown} is`);
  };
  try {
    const complaints = await check({ picture, failures, send, frame });
    // The bench forgets the failures that it expects.
    return [...complaints, ...failures];
  } finally {
    picture.dispose();
  }
}

async function until(holds: () => boolean): Promise<boolean> {
  const end = performance.now() + WAIT_MS;
  while (!holds() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 4));
  return holds();
}

async function differences(picture: DesktopPicture, expected: Rgba, what: string): Promise<string[]> {
  const shown = await picture.snapshot();
  if (shown?.width !== expected.width || shown.height !== expected.height) return [`${what}: another size`];
  const wrong = shown.rgba.findIndex((value, index) => value !== expected.data[index]);
  return wrong < 0 ? [] : [`${what}: the pixel ${(wrong >> 2) % shown.width},${Math.floor((wrong >> 2) / shown.width)} differs`];
}

/** `image` with a solid in it, and then a part of it copied. */
function moved(image: Rgba, where: { x: number; y: number; width: number; height: number }): Rgba {
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  context.putImageData(new ImageData(new Uint8ClampedArray(image.data), image.width, image.height), 0, 0);
  context.fillStyle = '#123456';
  context.fillRect(where.x, where.y, where.width, where.height);
  context.putImageData(context.getImageData(10, 20, 300, 200), 13, 31);
  return context.getImageData(0, 0, image.width, image.height);
}

function greenIn({ width, rgba }: { width: number; rgba: Uint8ClampedArray }, x: number, y: number): boolean {
  const at = (y * width + x) * 4;
  return rgba[at] === 0 && rgba[at + 1] === 255 && rgba[at + 2] === 0;
}

export function coloursOf({ rgba }: { rgba: Uint8ClampedArray }): Set<number> {
  return new Set(new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.length >> 2));
}

/** Without the corner that was painted over. */
function psnr(shown: { width: number; rgba: Uint8ClampedArray }, expected: Rgba): number {
  let sum = 0;
  let count = 0;
  for (let index = 0; index < shown.rgba.length; index += 1) {
    const pixel = index >> 2;
    if (index % 4 === 3 || (pixel % shown.width < 25 && pixel < 25 * shown.width)) continue;
    sum += ((shown.rgba[index] ?? 0) - (expected.data[index] ?? 0)) ** 2;
    count += 1;
  }
  return 10 * Math.log10(255 ** 2 / (sum / count));
}
