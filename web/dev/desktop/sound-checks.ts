/** What only a browser can tell of the sound: what is heard of what was sent. */

import { create } from '@bufbuild/protobuf';

import { AudioPlayer } from '../../src/desktop/audio';
import { AudioChunkSchema, AudioCodec } from '../../src/wire/generated/causeway/session/v1/session_pb';

type Check = () => Promise<string[]>;

const CHUNK_MS = 20;

export const SOUND_CHECKS: Record<string, Check> = {
  'a tone is heard at its pitch, whatever its rate': async () => {
    const complaints: string[] = [];
    for (const [rate, channels] of [[48_000, 2], [44_100, 2], [22_050, 1]] as const) {
      const { heard, player } = await listen(async (player) => {
        await sendPcm(player, rate, channels, 1_000, 800);
      });
      const where = `${rate} Hz in ${channels}`;
      if (player.state !== 'playing') complaints.push(`${where}: ${player.state}`);
      if (Math.abs(heard.hertz - 1_000) > 12) complaints.push(`${where}: heard ${heard.hertz.toFixed(0)} Hz`);
      if (heard.level < 0.2) complaints.push(`${where}: at ${heard.level.toFixed(3)} only`);
      if (player.statistics.underruns > 0) complaints.push(`${where}: ${player.statistics.underruns} gaps`);
    }
    return complaints;
  },

  'nothing is heard when it is muted': async () => {
    const { heard } = await listen(async (player) => {
      player.setMuted(true);
      await sendPcm(player, 48_000, 2, 1_000, 800);
    });
    return heard.level < 0.001 ? [] : [`heard at ${heard.level}`];
  },

  'half the volume is half as loud': async () => {
    const { heard } = await listen(async (player) => {
      player.setVolume(0.5);
      await sendPcm(player, 48_000, 2, 1_000, 800);
    });
    return Math.abs(heard.level - 0.25) < 0.03 ? [] : [`heard at ${heard.level}`];
  },

  'Opus is heard at its pitch': async () => {
    const { heard } = await listen(async (player) => {
      const packets = await opusTone(2, 700, 900);
      for (const data of packets) {
        player.take(create(AudioChunkSchema, { codec: AudioCodec.OPUS, sampleRate: 48_000, channels: 2, data }));
        await passed(CHUNK_MS);
      }
    });
    const complaints = Math.abs(heard.hertz - 700) < 12 ? [] : [`heard ${heard.hertz.toFixed(0)} Hz`];
    return heard.level > 0.2 ? complaints : [...complaints, `at ${heard.level.toFixed(3)} only`];
  },

  'a device that was let go is taken again': async () => {
    const { heard, player } = await listen(async (player) => {
      await sendPcm(player, 48_000, 2, 1_000, 300);
      const end = performance.now() + 5_000;
      while (!player.resting && performance.now() < end) await passed(10);
      if (!player.resting || !player.playing) throw new Error(`${player.state} while it should rest`);
      await sendPcm(player, 48_000, 2, 600, 800);
    }, 150);
    const complaints = player.resting ? ['it rests on'] : [];
    return Math.abs(heard.hertz - 600) < 12 ? complaints : [...complaints, `heard ${heard.hertz.toFixed(0)} Hz`];
  },

  'what is no sound does no harm': async () => {
    const { heard, player } = await listen(async (player) => {
      for (const [sampleRate, channels] of [[0, 2], [48_000, 0], [48_000, 200], [2 ** 31, 1]] as const) {
        const data = new Uint8Array(999);
        for (const codec of [AudioCodec.PCM_S16LE, AudioCodec.OPUS, AudioCodec.UNSPECIFIED]) {
          player.take(create(AudioChunkSchema, { codec, sampleRate, channels, data }));
        }
      }
      await sendPcm(player, 48_000, 2, 1_000, 800);
    });
    return heard.level > 0.2 && player.playing ? [] : [`heard at ${heard.level}, ${player.state}`];
  },
};

/** Plays, and gives what would have been heard at the end of it: the loudest pitch and the highest level. */
async function listen(play: (player: AudioPlayer) => Promise<void>, restAfterMs?: number) {
  const own = globalThis.AudioContext;
  let analyser: AnalyserNode | undefined;
  globalThis.AudioContext = class extends own {
    override get destination(): AudioDestinationNode {
      if (!analyser) {
        analyser = new AnalyserNode(this, { fftSize: 16_384, smoothingTimeConstant: 0 });
        analyser.connect(super.destination);
      }
      return analyser as unknown as AudioDestinationNode;
    }
  };
  const player = new AudioPlayer({}, restAfterMs);
  try {
    await play(player);
    player.resume();
    const heard = analyser ? heardBy(analyser) : { hertz: NaN, level: 0 };
    const { state, playing, resting, statistics } = player;
    return { heard, player: { state, playing, resting, statistics } };
  } finally {
    player.dispose();
    globalThis.AudioContext = own;
  }
}

function heardBy(analyser: AnalyserNode): { hertz: number; level: number } {
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const loudest = bins.reduce((best, value, bin) => (value > (bins[best] ?? -Infinity) ? bin : best), 0);
  const samples = new Float32Array(2048);
  analyser.getFloatTimeDomainData(samples);
  return {
    hertz: (loudest * analyser.context.sampleRate) / analyser.fftSize,
    level: samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
  };
}

async function sendPcm(player: AudioPlayer, rate: number, channels: number, hertz: number, ms: number): Promise<void> {
  const began = performance.now();
  let frame = 0;
  for (let sent = 0; sent < ms; sent += CHUNK_MS) {
    const samples = new Int16Array(Math.round((rate * CHUNK_MS) / 1000) * channels);
    for (let index = 0; index < samples.length; index += channels, frame += 1) {
      samples.fill(16_384 * Math.sin((2 * Math.PI * hertz * frame) / rate), index, index + channels);
    }
    const data = new Uint8Array(samples.buffer);
    player.take(create(AudioChunkSchema, { codec: AudioCodec.PCM_S16LE, sampleRate: rate, channels, data }));
    await passed(began + sent + CHUNK_MS - performance.now());
  }
}

async function opusTone(channels: number, hertz: number, ms: number): Promise<Uint8Array[]> {
  const rate = 48_000;
  const packets: Uint8Array[] = [];
  const encoder = new AudioEncoder({
    output: (chunk) => {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      packets.push(data);
    },
    error: (error) => {
      throw error;
    },
  });
  encoder.configure({ codec: 'opus', sampleRate: rate, numberOfChannels: channels, bitrate: 96_000 });
  const numberOfFrames = (rate * ms) / 1000;
  const data = new Float32Array(numberOfFrames * channels);
  for (let index = 0; index < data.length; index += 1) {
    data[index] = 0.5 * Math.sin((2 * Math.PI * hertz * Math.floor(index / channels)) / rate);
  }
  encoder.encode(
    new AudioData({ format: 'f32', sampleRate: rate, numberOfFrames, numberOfChannels: channels, timestamp: 0, data }),
  );
  await encoder.flush();
  encoder.close();
  return packets;
}

const passed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
