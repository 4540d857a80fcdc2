import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';

import { TileCodec, ToViewerSchema } from '../../../wire/generated/causeway/session/v1/session_pb';
import { Assembly, type JpegPicture } from './assembly';
import { rgb24, type Framebuffer } from './framebuffer';
import { QUEUE_BYTES_MAX, SIDE_PIXELS_MAX } from './limits';

type Body = NonNullable<MessageInitShape<typeof ToViewerSchema>['body']>;

/** A JPEG file of that size as far as its header. */
const jpegFile = (width: number, height: number): Uint8Array =>
  Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 17, 0);

/** An assembly whose tiles are stored as they are, and whose JPEG files are decoded when told. */
function bench() {
  const shown: { frame: bigint; pixels: number[]; rects: number }[] = [];
  const faults: string[] = [];
  const decoding: ((colour: number | undefined) => void)[] = [];
  let clock = 0;
  const picture = (colour: number): JpegPicture => ({
    drawInto: (framebuffer, rect) => Promise.resolve(framebuffer.fill(rect, colour)),
    close: () => undefined,
  });
  const assembly = new Assembly({
    now: () => clock,
    inflate: (data, size) => (data.length === size ? rgb24(data) : undefined),
    decodeJpeg: () =>
      new Promise((resolve, reject) => {
        decoding.push((colour) => (colour === undefined ? reject(new Error('no picture')) : resolve(picture(colour))));
      }),
    show: (framebuffer, damage, { frame }) => {
      shown.push({ frame, pixels: redsOf(framebuffer), rects: damage.length });
    },
    fault: (reason) => faults.push(reason),
  });
  const handle = (...bodies: Body[]): void => {
    for (const body of bodies) assembly.handle(create(ToViewerSchema, { body }).body, 10, clock);
  };
  /** Lets everything that waits for nothing happen. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return { assembly, shown, faults, decoding, handle, settle, pass: (ms: number) => (clock += ms) };
}

/** The red of every pixel: enough to tell pictures apart. */
const redsOf = (framebuffer: Framebuffer | undefined): number[] =>
  framebuffer ? [...framebuffer.bytes].filter((_, index) => index % 4 === 0) : [];

const surface = (width: number, height: number): Body => ({ case: 'surfaceCreated', value: { width, height } });
const mark = (frame: bigint): Body => ({ case: 'frameMark', value: { frame } });
const rect = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });
const solid = (where: ReturnType<typeof rect>, red: number): Body => ({
  case: 'solid',
  value: { rect: where, rgb: red << 16 },
});
const tile = (codec: TileCodec, rects: ReturnType<typeof rect>[], reds: number[]): Body => ({
  case: 'tile',
  value: { codec, rects, data: Uint8Array.from(reds.flatMap((red) => [red, 0, 0])) },
});
const jpeg = (where: ReturnType<typeof rect>, width = where.width): Body => ({
  case: 'tile',
  value: { codec: TileCodec.JPEG, rects: [where], data: jpegFile(width, where.height) },
});

describe('frames', () => {
  it('are shown whole, at their mark', () => {
    const { handle, shown } = bench();
    handle(surface(2, 2), solid(rect(0, 0, 2, 2), 5));
    expect(shown).toEqual([]);
    handle(tile(TileCodec.RGB24_ZSTD, [rect(1, 0, 1, 1), rect(0, 1, 2, 1)], [7, 8, 9]), mark(1n));
    handle(tile(TileCodec.RGB24_XOR_ZSTD, [rect(0, 0, 2, 1)], [1, 1]), mark(2n));
    handle({ case: 'copy', value: { source: rect(0, 0, 2, 1), x: 0, y: 1 } }, mark(3n));
    expect(shown.map(({ pixels }) => pixels)).toEqual([[5, 7, 8, 9], [4, 6, 8, 9], [4, 6, 4, 6]]);
    expect(shown.map(({ frame }) => frame)).toEqual([1n, 2n, 3n]);
  });

  it('keep their order behind files that decode in another', async () => {
    const { handle, shown, decoding, settle } = bench();
    handle(surface(3, 1), jpeg(rect(0, 0, 2, 1)), jpeg(rect(1, 0, 2, 1)), mark(1n), solid(rect(0, 0, 1, 1), 9), mark(2n));
    expect(decoding).toHaveLength(2);
    decoding[1]?.(0x020000);
    await settle();
    expect(shown).toEqual([]);
    decoding[0]?.(0x010000);
    await settle();
    expect(shown.map(({ pixels }) => pixels)).toEqual([[1, 2, 2], [9, 2, 2]]);
  });

  it('put only what changed', () => {
    const { handle, shown } = bench();
    handle(surface(100, 100), mark(1n), mark(2n), solid(rect(0, 0, 1, 1), 1), solid(rect(99, 99, 1, 1), 1), mark(3n));
    expect(shown.map(({ rects }) => rects)).toEqual([1, 0, 2]);
  });

  it('without a surface are answered all the same', () => {
    const { handle, shown, faults } = bench();
    handle(mark(1n), surface(1, 1), { case: 'surfaceRemoved', value: {} }, mark(2n));
    expect(shown).toEqual([{ frame: 1n, pixels: [], rects: 0 }, { frame: 2n, pixels: [], rects: 0 }]);
    expect(faults).toEqual([]);
  });

  it('of a new size start over', () => {
    const { handle, shown } = bench();
    handle(surface(1, 1), solid(rect(0, 0, 1, 1), 7), surface(2, 1), solid(rect(1, 0, 1, 1), 3), mark(1n));
    expect(shown).toEqual([{ frame: 1n, pixels: [0, 3], rects: 1 }]);
  });
});

describe('what makes no sense', () => {
  const cases: [string, Body[]][] = [
    ['a surface of nothing', [surface(0, 5)]],
    ['a surface beyond the limit', [surface(SIDE_PIXELS_MAX + 1, 5)]],
    ['another surface', [{ case: 'surfaceCreated', value: { surface: 1, width: 5, height: 5 } }]],
    ['a rectangle that begins beside the screen', [surface(4, 4), solid(rect(4, 0, 1, 1), 1)]],
    ['a rectangle that ends beside the screen', [surface(4, 4), solid(rect(0, 3, 4, 2), 1)]],
    ['a rectangle that wraps around', [surface(4, 4), solid(rect(2 ** 32 - 1, 0, 2, 1), 1)]],
    ['an empty rectangle', [surface(4, 4), solid(rect(0, 0, 0, 1), 1)]],
    ['no rectangle', [surface(4, 4), { case: 'solid', value: {} }]],
    ['a copy to beside the screen', [surface(4, 4), { case: 'copy', value: { source: rect(0, 0, 2, 2), x: 3, y: 0 } }]],
    ['a tile without rectangles', [surface(4, 4), tile(TileCodec.RGB24_ZSTD, [], [])]],
    ['a tile of too few pixels', [surface(4, 4), tile(TileCodec.RGB24_ZSTD, [rect(0, 0, 4, 4)], [1, 2])]],
    ['a tile of too many pixels', [surface(4, 4), tile(TileCodec.RGB24_XOR_ZSTD, [rect(0, 0, 1, 1)], [1, 2])]],
    ['a tile larger than the screen', [surface(1, 1), tile(TileCodec.RGB24_ZSTD, [rect(0, 0, 1, 1), rect(0, 0, 1, 1)], [1, 2])]],
    ['a tile in no codec', [surface(4, 4), tile(TileCodec.UNSPECIFIED, [rect(0, 0, 1, 1)], [1])]],
    ['a tile before its surface', [tile(TileCodec.RGB24_ZSTD, [rect(0, 0, 1, 1)], [1])]],
    ['a file of another size', [surface(4, 4), jpeg(rect(0, 0, 2, 2), 3)]],
  ];

  it.each(cases)('is left out and told: %s', async (_name, bodies) => {
    const { handle, shown, faults, settle } = bench();
    handle(...bodies);
    await settle();
    expect(faults).toHaveLength(1);
    handle(surface(1, 1), solid(rect(0, 0, 1, 1), 6), mark(9n));
    expect(shown).toEqual([{ frame: 9n, pixels: [6], rects: 1 }]);
  });

  it('may be a file that no decoder takes', async () => {
    const { handle, shown, faults, decoding, settle } = bench();
    handle(surface(2, 1), jpeg(rect(0, 0, 2, 1)), mark(1n));
    decoding[0]?.(undefined);
    await settle();
    expect(faults).toHaveLength(1);
    expect(shown.map(({ frame }) => frame)).toEqual([1n]);
  });

  it('may be more than fits into memory', () => {
    const { assembly, handle, faults } = bench();
    handle(surface(2, 1), jpeg(rect(0, 0, 2, 1)));
    assembly.handle(create(ToViewerSchema, { body: mark(1n) }).body, QUEUE_BYTES_MAX, 0);
    expect(faults).toHaveLength(1);
    expect(assembly.queuedBytes).toBeLessThan(100);
  });
});
