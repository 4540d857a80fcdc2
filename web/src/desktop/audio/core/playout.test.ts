import { describe, expect, it } from 'vitest';

import { LATE_MS, TARGET_FIRST_MS, TARGET_MAX_MS, TARGET_MIN_MS } from './limits';
import { soundOfPcm, type Sound } from './pcm';
import { Playout } from './playout';

/** What the audio thread asks for at a time, in frames. */
const BLOCK = 128;

/** A device at `outputRate` and a target that sends a sine. */
function bench(outputRate: number, rate = outputRate, hertz = 997) {
  const playout = new Playout(outputRate);
  const heard: number[] = [];
  let sent = 0;
  /** Frames that the device still takes in the time that has passed. */
  let owed = 0;
  const send = (ms: number): void => {
    const frames = Math.round((ms / 1000) * rate);
    const left = Float32Array.from({ length: frames }, (_, index) => sine(sent + index, rate, hertz));
    sent += frames;
    playout.push({ rate, left, right: left.map((sample) => -sample) });
  };
  const hear = (ms: number): void => {
    const left = new Float32Array(BLOCK);
    const right = new Float32Array(BLOCK);
    owed += (ms / 1000) * outputRate;
    for (; owed >= BLOCK; owed -= BLOCK) {
      playout.pull(left, right);
      for (const [index, sample] of left.entries()) {
        if (sample !== -(right[index] ?? NaN)) throw new Error('the channels were mixed up');
        heard.push(sample);
      }
    }
  };
  return { playout, heard, send, hear };
}

const sine = (frame: number, rate: number, hertz: number): number => 0.5 * Math.sin((2 * Math.PI * hertz * frame) / rate);

/** The largest step from one frame to the next: a click is one. */
const largestStep = (samples: number[]): number =>
  samples.reduce((most, sample, index) => Math.max(most, Math.abs(sample - (samples[index - 1] ?? sample))), 0);

/** The largest step of the sine itself. */
const sineStep = (rate: number, hertz = 997): number => 0.5 * ((2 * Math.PI * hertz) / rate);

/** How much of `samples` is the tone, in dB over all that is not. */
function purity(samples: number[], rate: number, hertz: number): number {
  let [re, im, power] = [0, 0, 0];
  samples.forEach((sample, index) => {
    const angle = (2 * Math.PI * hertz * index) / rate;
    re += sample * Math.cos(angle);
    im += sample * Math.sin(angle);
    power += sample * sample;
  });
  const tone = (2 * (re * re + im * im)) / samples.length;
  return 10 * Math.log10(tone / Math.max(1e-12, power - tone));
}

describe('sound', () => {
  it('begins when the target is reached, and is what was sent', () => {
    const { playout, heard, send, hear } = bench(48_000);
    send(TARGET_FIRST_MS - 20);
    hear(40);
    expect(heard.every((sample) => sample === 0)).toBe(true);
    send(40);
    hear(90);
    // The first frame of the sine is zero, and not found.
    const begin = heard.findIndex((sample) => sample !== 0) - 1;
    const played = heard.slice(begin + 480, begin + 4000);
    const off = played.map((sample, index) => Math.abs(sample - sine(480 + index, 48_000, 997)));
    expect(Math.max(...off)).toBeLessThan(1e-6);
    expect(playout.figures.underruns).toBe(0);
  });

  it.each([
    [44_100, 48_000],
    [48_000, 44_100],
    [22_050, 48_000],
    [8_000, 48_000],
  ])('of %i Hz has its pitch on a device of %i Hz', (rate, outputRate) => {
    const { heard, send, hear } = bench(outputRate, rate, 440);
    send(110);
    for (let time = 0; time < 1200; time += 20) {
      send(20);
      hear(20);
    }
    const played = heard.slice(outputRate * 0.3, outputRate * 1.1);
    expect(purity(played, outputRate, 440)).toBeGreaterThan(rate < 22_050 ? 25 : 40);
  });

  it('that is shorter than the target is heard', () => {
    const { heard, send, hear } = bench(48_000);
    send(30);
    hear(400);
    expect(heard.filter((sample) => Math.abs(sample) > 0.1).length).toBeGreaterThan(800);
    expect(largestStep(heard)).toBeLessThan(sineStep(48_000) * 1.5);
  });

  it('goes on through arrivals that are uneven', () => {
    const { playout, heard, send, hear } = bench(48_000);
    send(120);
    for (let round = 0; round < 200; round += 1) {
      // 20 ms every 20 ms, but each third comes with the next two.
      hear(20);
      if (round % 3 === 2) send(60);
    }
    expect(playout.figures).toMatchObject({ underruns: 0, droppedMs: 0 });
    expect(largestStep(heard)).toBeLessThan(sineStep(48_000) * 1.5);
  });

  it('does not run away from a device whose clock is another', () => {
    for (const drift of [1.003, 0.997]) {
      const { playout, send, hear } = bench(8_000);
      send(120);
      for (let second = 0; second < 120; second += 1) {
        for (let part = 0; part < 50; part += 1) {
          hear(20);
          send(20 * drift);
        }
      }
      expect(playout.figures).toMatchObject({ underruns: 0, droppedMs: 0 });
      expect(playout.figures.bufferedMs).toBeGreaterThan(30);
      expect(playout.figures.bufferedMs).toBeLessThan(300);
    }
  });
});

describe('too much', () => {
  it('is left out, oldest first, without a click', () => {
    const { playout, heard, send, hear } = bench(48_000);
    send(TARGET_FIRST_MS + LATE_MS + 600);
    hear(100);
    expect(playout.figures.bufferedMs).toBeLessThan(TARGET_FIRST_MS + 10);
    expect(playout.figures.droppedMs).toBeGreaterThan(700);
    expect(largestStep(heard)).toBeLessThan(sineStep(48_000) * 1.5);
  });

  it('never takes more memory than there is', () => {
    const { playout, send, hear } = bench(48_000);
    for (let round = 0; round < 20; round += 1) send(1000);
    expect(playout.figures.bufferedMs).toBeLessThanOrEqual(2000);
    hear(50);
    expect(playout.figures.droppedMs).toBeGreaterThan(17_000);
  });
});

describe('too little', () => {
  it('fades to silence and begins again, without a click', () => {
    const { playout, heard, send, hear } = bench(48_000);
    send(150);
    hear(250);
    send(200);
    hear(300);
    expect(heard.slice(-480).every((sample) => sample === 0)).toBe(true);
    expect(largestStep(heard)).toBeLessThan(sineStep(48_000) * 1.5);
    expect(playout.figures.underruns).toBe(1);
  });

  it('makes the target larger when sound came late, up to a limit, and smaller with time', () => {
    const { playout, send, hear } = bench(8_000);
    for (let round = 0; round < 12; round += 1) {
      send(200);
      hear(280);
    }
    expect(playout.figures.targetMs).toBeGreaterThan(TARGET_FIRST_MS + 100);
    expect(playout.figures.targetMs).toBeLessThanOrEqual(TARGET_MAX_MS);
    for (let round = 0; round < 15_000; round += 1) {
      send(20);
      hear(20);
    }
    expect(playout.figures.targetMs).toBe(TARGET_MIN_MS);
  });

  it('is no fault of a sound that has ended', () => {
    const { playout, send, hear } = bench(48_000);
    for (let sound = 0; sound < 5; sound += 1) {
      send(200);
      hear(2000);
    }
    expect(playout.figures).toMatchObject({ underruns: 0, targetMs: expect.closeTo(TARGET_FIRST_MS, -1) as number });
  });
});

describe('PCM', () => {
  const bytes = (...samples: number[]): Uint8Array => new Uint8Array(Int16Array.from(samples).buffer);

  it('is two channels, of one or of many', () => {
    expect(soundOfPcm(bytes(16384, -32768), 48_000, 1)).toEqual({
      rate: 48_000,
      left: Float32Array.of(0.5, -1),
      right: Float32Array.of(0.5, -1),
    });
    const { left, right } = soundOfPcm(bytes(1, 2, 3, 4, 5, 6), 8_000, 3) as Sound;
    expect([...left, ...right].map((sample) => sample * 32768)).toEqual([1, 4, 2, 5]);
  });

  it('loses what is no whole frame', () => {
    expect(soundOfPcm(bytes(1, 2, 3).subarray(0, 5), 48_000, 2)?.left).toHaveLength(1);
    expect(soundOfPcm(new Uint8Array(), 48_000, 2)?.left).toHaveLength(0);
  });

  it.each([
    [0, 2],
    [7_999, 2],
    [4_000_000_000, 2],
    [48_000, 0],
    [48_000, 9],
  ])('of %i Hz and %i channels is no sound', (rate, channels) => {
    expect(soundOfPcm(bytes(1, 2), rate, channels)).toBeUndefined();
  });
});
