import { describe, expect, it } from 'vitest';

import { Meter, SAMPLES_MAX } from './meter';
import { densityFor, desktopSize } from './sizing';
import { bytesInWords, rateInWords } from './words';
import { settled, WHOLE, zoomed } from './zoom';

describe('the size that is asked for', () => {
  it.each([
    [{ width: 1280, height: 720, ratio: 1 }, 'device', [1280, 720, 100]],
    [{ width: 1280, height: 720, ratio: 2 }, 'device', [2560, 1440, 200]],
    [{ width: 1280, height: 720, ratio: 2 }, 'css', [1280, 720, 100]],
    [{ width: 333, height: 333, ratio: 1.25 }, 'device', [416, 416, 125]],
    [{ width: 100, height: 100, ratio: 0 }, 'device', [100, 100, 100]],
  ] as const)('of %j with %s pixels is %j', (room, density, [widthPx, heightPx, scalePercent]) => {
    expect(desktopSize(room, density)).toMatchObject({ widthPx, heightPx, scalePercent });
  });
});

it.each([
  ['rdp', 'auto', 'device'],
  ['vnc', 'auto', 'css'],
  ['vnc', 'device', 'device'],
  ['rdp', 'css', 'css'],
] as const)('over %s, %s pixels are %s pixels', (protocol, wanted, density) => {
  expect(densityFor(protocol, wanted)).toBe(density);
});

describe('the view that fingers enlarge', () => {
  const room = { width: 400, height: 800 };
  const still = { x: 0, y: 0 };

  it('keeps what is under them', () => {
    const view = zoomed(WHOLE, { x: 100, y: 200 }, 2, still, room);
    expect(view).toEqual({ scale: 2, left: -100, top: -200 });
    expect(zoomed(view, { x: 100, y: 200 }, 0.5, still, room)).toEqual({ scale: 1, left: 0, top: 0 });
  });

  it('moves with them, and never past an edge', () => {
    const view = zoomed(WHOLE, { x: 0, y: 0 }, 2, still, room);
    expect(zoomed(view, { x: 0, y: 0 }, 1, { x: -50, y: -60 }, room)).toMatchObject({ left: -50, top: -60 });
    expect(zoomed(view, { x: 0, y: 0 }, 1, { x: -5000, y: 90 }, room)).toMatchObject({ left: -400, top: 0 });
  });

  it('is bounded, and settles at its own size', () => {
    expect(zoomed(WHOLE, still, 1000, still, room).scale).toBe(8);
    expect(zoomed(WHOLE, still, 0.01, still, room).scale).toBe(1);
    expect(settled({ scale: 1.02, left: -3, top: -1 }, room)).toEqual(WHOLE);
  });
});

describe('rates', () => {
  it('are those between two samples, and of the last minute', () => {
    const meter = new Meter();
    for (let second = 0; second < 100; second += 1) {
      meter.handleSample({ bytes: second * 5000, frames: second * 30 }, second * 1000);
    }
    expect(meter.latest).toEqual({ bytesPerSecond: 5000, framesPerSecond: 30 });
    expect(meter.history).toHaveLength(SAMPLES_MAX);
  });

  it.each([
    [0, '0 bytes'],
    [640, '640 bytes'],
    [1536, '1.5 KiB'],
    [50 * 1024 * 1024, '50 MiB'],
  ])('%i bytes are %s', (bytes, words) => {
    expect(bytesInWords(bytes)).toBe(words);
  });

  it.each([
    [0, '0 kbit/s'],
    [1000, '8 kbit/s'],
    [1_000_000, '8 Mbit/s'],
    [312_500, '2.5 Mbit/s'],
  ])('%i bytes a second are %s', (bytes, words) => {
    expect(rateInWords(bytes)).toBe(words);
  });
});
