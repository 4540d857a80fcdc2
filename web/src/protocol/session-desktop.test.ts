import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';

import {
  AudioCodec,
  Step,
  TargetProtocol,
  TileCodec,
  ToViewerSchema,
} from '../wire/generated/causeway/session/v1/session_pb';
import { soleField } from './envelope';
import { CLIPBOARD_PIECE_BYTES_MAX, DESKTOP_RESIZE_DELAY_MS, TEXT_BYTES_MAX } from './limits';
import { Bench, kinds, sent, SIZE, type ToViewerBody, type WelcomeFields } from './session-bench';

const ALL = { copyAllowed: true, pasteAllowed: true };

function desktop(more: WelcomeFields = {}): Bench {
  const bench = new Bench();
  bench.do((core, now) => core.start(now));
  bench.reach();
  bench.welcome({ protocol: TargetProtocol.VNC, ...more });
  bench.step(Step.ACTIVE);
  return bench;
}

const tile: ToViewerBody = {
  case: 'tile',
  value: {
    rects: [{ width: 2, height: 2 }],
    codec: TileCodec.RGB24_ZSTD,
    data: new Uint8Array(300),
  },
};
const mark = (frame: bigint): ToViewerBody => ({ case: 'frameMark', value: { frame } });

describe('a picture', () => {
  it('is passed on as it came', () => {
    const bench = desktop();
    const bytes = toBinary(ToViewerSchema, create(ToViewerSchema, { body: tile }));
    expect(bench.says(tile)).toEqual([{ do: 'picture', message: bytes }]);
    for (const body of [
      { case: 'surfaceCreated', value: { width: 8, height: 8 } },
      { case: 'solid', value: { rgb: 1 } },
      { case: 'copy', value: {} },
      { case: 'cursorShape', value: {} },
      { case: 'cursorMoved', value: { x: 1, y: 1 } },
      mark(1n),
    ] as ToViewerBody[]) {
      expect(kinds(bench.says(body))).toEqual(['picture']);
    }
  });

  it('makes the session active', () => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    bench.reach();
    bench.welcome({ protocol: TargetProtocol.RDP });
    bench.says(tile);
    expect(bench.core.view).toEqual({ status: 'active' });
  });

  it('is acknowledged when it is presented, once', () => {
    const bench = desktop();
    bench.says(mark(7n));
    expect(sent(bench.do((core) => core.handlePresented(7n, 1234.6)))).toMatchObject([
      { case: 'frameAck', value: { frame: 7n, presentUs: 1235 } },
    ]);
    expect(bench.do((core) => core.handlePresented(7n, 1))).toEqual([]);
    expect(bench.do((core) => core.handlePresented(8n, 1))).toEqual([]);
  });

  it('of a lost socket is owed no acknowledgement on the next', () => {
    const bench = desktop();
    bench.says(mark(9n));
    bench.drops();
    bench.pass(1000);
    bench.reach();
    bench.welcome({ protocol: TargetProtocol.VNC, resumed: true });
    bench.step(Step.ACTIVE);
    expect(bench.do((core) => core.handlePresented(9n, 1))).toEqual([]);
    bench.says(mark(1n));
    expect(sent(bench.do((core) => core.handlePresented(1n, 1)))).toHaveLength(1);
  });

  it('that is out of step is asked for over another socket', () => {
    const bench = desktop();
    expect(kinds(bench.do((core, now) => core.handlePictureLost(now)))).toEqual(['close_socket']);
    expect(bench.core.view).toMatchObject({ status: 'reconnecting' });
    expect(kinds(bench.pass(1000))).toContain('fetch_ticket');
  });

  it('means nothing to a terminal', () => {
    const bench = desktop({ protocol: TargetProtocol.SSH });
    for (const body of [tile, mark(1n), { case: 'bell', value: {} }] as ToViewerBody[]) {
      expect(bench.says(body)).toEqual([]);
    }
  });
});

describe('an envelope', () => {
  it('is told by its one field, unread', () => {
    const bytes = toBinary(ToViewerSchema, create(ToViewerSchema, { body: tile }));
    expect(soleField(bytes)).toBe(34);
  });

  it.each([
    ['nothing', []],
    ['half a tag', [0x92]],
    ['a number', [0x08, 0x01]],
    ['less than it says', [0x92, 0x02, 0x05, 0x00]],
    ['more than it says', [0x92, 0x02, 0x00, 0x00]],
    ['an endless number', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ])('of %s is not', (_name, bytes) => {
    expect(soleField(new Uint8Array(bytes))).toBeUndefined();
  });
});

describe('what comes beside the picture', () => {
  it('is told in its own words', () => {
    const bench = desktop();
    const sound = { codec: AudioCodec.PCM_S16LE, sampleRate: 48_000, channels: 2 };
    expect(bench.says({ case: 'audioChunk', value: sound })).toMatchObject([{ do: 'audio', chunk: sound }]);
    expect(bench.says({ case: 'bell', value: {} })).toEqual([{ do: 'bell' }]);
    expect(bench.says({ case: 'lockKeys', value: { num: true } })).toEqual([
      { do: 'lock_keys', keys: { caps: false, num: true, scroll: false } },
    ]);
    expect(bench.says({ case: 'desktopState', value: { name: 'lobby' } })).toEqual([
      { do: 'desktop_state', state: { resizable: false, name: 'lobby' } },
    ]);
  });

  it('joins the pieces of a clipboard', () => {
    const bench = desktop();
    expect(bench.says({ case: 'clipboard', value: { text: 'one ', more: true } })).toEqual([]);
    expect(bench.says({ case: 'clipboard', value: { text: 'two' } })).toEqual([
      { do: 'clipboard', text: 'one two' },
    ]);
  });
});

describe('hands', () => {
  it('are told of', () => {
    const bench = desktop();
    const key = { is: 'key', code: 'KeyQ', key: '@', down: true } as const;
    expect(sent(bench.do((core) => core.handleDesktopInput(key)))).toMatchObject([
      { case: 'key', value: { code: 'KeyQ', key: '@', down: true } },
    ]);
    const pointer = { is: 'pointer', x: 3, y: 4, buttons: 1, wheelX: 0, wheelY: -120 } as const;
    expect(sent(bench.do((core) => core.handleDesktopInput(pointer)))).toMatchObject([
      { case: 'pointer', value: { x: 3, y: 4, buttons: 1, wheelY: -120 } },
    ]);
    const locks = { is: 'lock_keys', caps: true, num: false, scroll: false } as const;
    expect(sent(bench.do((core) => core.handleDesktopInput(locks)))).toMatchObject([
      { case: 'lockKeys', value: { caps: true } },
    ]);
  });

  it('type long texts in pieces', () => {
    const bench = desktop();
    const text = '語'.repeat(TEXT_BYTES_MAX);
    const pieces = sent(bench.do((core) => core.handleDesktopInput({ is: 'text', text })));
    expect(pieces.map((body) => body.case === 'text' && body.value.text).join('')).toBe(text);
    expect(pieces.length).toBe(4);
  });

  it('do nothing while the way is lost, or where one only watches', () => {
    const key = { is: 'key', code: 'KeyA', key: 'a', down: true } as const;
    const lost = desktop();
    lost.drops();
    expect(lost.do((core) => core.handleDesktopInput(key))).toEqual([]);
    const watched = desktop({ dataPolicy: { ...ALL, readOnly: true } });
    expect(watched.do((core) => core.handleDesktopInput(key))).toEqual([]);
  });

  it('send no name that no node takes', () => {
    const bench = desktop();
    const key = { is: 'key', code: 'x'.repeat(65), key: 'a', down: true } as const;
    expect(bench.do((core) => core.handleDesktopInput(key))).toEqual([]);
  });
});

describe('the viewer’s clipboard', () => {
  it('goes out in pieces', () => {
    const bench = desktop();
    const text = 'ü'.repeat(CLIPBOARD_PIECE_BYTES_MAX);
    let verdict: string | undefined;
    const pieces = sent(bench.do((core) => (verdict = core.handleClipboard(text))));
    expect(verdict).toBe('sent');
    expect(pieces.map((body) => body.case === 'clipboard' && body.value.more)).toEqual([true, false]);
    expect(pieces.map((body) => body.case === 'clipboard' && body.value.text).join('')).toBe(text);
  });

  it.each([
    ['refused', { pasteAllowed: false, copyAllowed: true }],
    ['refused', { ...ALL, readOnly: true }],
    ['too_long', { ...ALL, clipboardBytesMax: 3 }],
  ] as const)('is %s by %j', (verdict, dataPolicy) => {
    const bench = desktop({ dataPolicy });
    expect(bench.do((core) => expect(core.handleClipboard('four')).toBe(verdict))).toEqual([]);
  });

  it('waits for no session', () => {
    const bench = desktop();
    bench.drops();
    bench.do((core) => expect(core.handleClipboard('x')).toBe('not_active'));
  });
});

describe('the size', () => {
  const resizes = (effects: ReturnType<Bench['pass']>): number[] =>
    sent(effects).flatMap((body) => (body.case === 'desktopResize' ? [body.value.size?.widthPx ?? 0] : []));
  const resizable = (bench: Bench, yes = true): ReturnType<Bench['pass']> =>
    bench.says({ case: 'desktopState', value: { resizable: yes } });

  it('is told once it is still, to a target that follows it', () => {
    const bench = desktop();
    resizable(bench);
    for (const widthPx of [900, 950, 1000]) {
      bench.do((core, now) => core.handleResize({ ...SIZE, widthPx }, now));
      expect(resizes(bench.pass(DESKTOP_RESIZE_DELAY_MS / 2))).toEqual([]);
    }
    expect(resizes(bench.pass(DESKTOP_RESIZE_DELAY_MS))).toEqual([1000]);
    expect(resizes(bench.pass(1000))).toEqual([]);
  });

  it('is not told to one that does not', () => {
    const bench = desktop();
    resizable(bench, false);
    bench.do((core, now) => core.handleResize({ ...SIZE, widthPx: 900 }, now));
    expect(resizes(bench.pass(1000))).toEqual([]);
  });

  it('that changed before it was known is told then', () => {
    const bench = desktop();
    bench.do((core, now) => core.handleResize({ ...SIZE, widthPx: 900 }, now));
    bench.pass(1000);
    expect(resizes(resizable(bench))).toEqual([900]);
  });
});
