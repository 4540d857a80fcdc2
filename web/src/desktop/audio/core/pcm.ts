/** Signed 16-bit little-endian samples, channels interleaved, as two channels of numbers. */

import { CHANNELS_MAX, RATE_MAX, RATE_MIN } from './limits';

/** Sound of two channels, -1 to 1. */
export type Sound = {
  /** Hz. */
  readonly rate: number;
  readonly left: Float32Array;
  /** The same array as `left` for one channel. */
  readonly right: Float32Array;
};

const BYTES_PER_SAMPLE = 2;
const FULL_SCALE = 32_768;

/** Undefined when it is no sound that can be played; bytes after the last whole frame are left out. */
export function soundOfPcm(data: Uint8Array, rate: number, channels: number): Sound | undefined {
  if (rate < RATE_MIN || rate > RATE_MAX || channels < 1 || channels > CHANNELS_MAX) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const frameBytes = channels * BYTES_PER_SAMPLE;
  const frames = Math.floor(data.length / frameBytes);
  const channel = (index: number): Float32Array => {
    const samples = new Float32Array(frames);
    for (let frame = 0; frame < frames; frame += 1) {
      samples[frame] = view.getInt16(frame * frameBytes + index * BYTES_PER_SAMPLE, true) / FULL_SCALE;
    }
    return samples;
  };
  const left = channel(0);
  return { rate, left, right: channels > 1 ? channel(1) : left };
}
