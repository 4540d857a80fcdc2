/**
 * Opus packets (RFC 6716) with the browser's own decoder, one packet a chunk.
 * A decoder that fails is replaced at the next packet: each stands alone but
 * for a moment of sound.
 */

import type { AudioChunk } from '../../wire/generated/causeway/session/v1/session_pb';
import type { Sound } from './core/pcm';

/** What Opus decodes to, whatever was encoded; Hz. */
const OPUS_RATE = 48_000;

/** Packets that a decoder may be behind; more are left out. */
const PACKETS_MAX = 50;

export class OpusDecoder {
  readonly #decoded: (sound: Sound) => void;
  #decoder: AudioDecoder | undefined;
  #channels = 0;

  constructor(decoded: (sound: Sound) => void) {
    this.#decoded = decoded;
  }

  decode({ data, channels, timestampUs }: AudioChunk): void {
    if (channels < 1 || channels > 2 || data.length === 0 || typeof AudioDecoder !== 'function') return;
    const decoder = this.#decoderFor(channels);
    if (decoder.decodeQueueSize > PACKETS_MAX) return;
    const timestamp = Number(timestampUs);
    try {
      decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, data: data as BufferSource }));
    } catch {
      this.close();
    }
  }

  close(): void {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    if (decoder && decoder.state !== 'closed') decoder.close();
  }

  #decoderFor(channels: number): AudioDecoder {
    if (this.#decoder && this.#channels === channels) return this.#decoder;
    this.close();
    const decoder = new AudioDecoder({
      output: (audio) => {
        this.#decoded(soundOf(audio));
        audio.close();
      },
      error: () => {
        if (this.#decoder === decoder) this.#decoder = undefined;
      },
    });
    decoder.configure({ codec: 'opus', sampleRate: OPUS_RATE, numberOfChannels: channels });
    this.#decoder = decoder;
    this.#channels = channels;
    return decoder;
  }
}

function soundOf(audio: AudioData): Sound {
  const channel = (planeIndex: number): Float32Array<ArrayBuffer> => {
    const samples = new Float32Array(audio.numberOfFrames);
    audio.copyTo(samples, { planeIndex, format: 'f32-planar' });
    return samples;
  };
  const left = channel(0);
  return { rate: audio.sampleRate, left, right: audio.numberOfChannels > 1 ? channel(1) : left };
}
