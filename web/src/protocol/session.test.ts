import { describe, expect, it } from 'vitest';

import { InputOrigin, Step, TargetProtocol } from '../wire/generated/causeway/session/v1/session_pb';
import { ACK_BYTES, RESIZE_DELAY_MS, TERMINAL_WINDOW_BYTES } from './limits';
import { active, Bench, kinds, PASSAGE, sent, SIZE, type ToViewerBody } from './session-bench';

describe('the way to an active session', () => {
  it('asks for a ticket, opens the socket and says hello', () => {
    const bench = new Bench();
    expect(kinds(bench.do((core, now) => core.start(now)))).toEqual(['fetch_ticket']);
    const [hello] = bench.reach();
    expect(bench.effects.find((effect) => effect.do === 'open_socket')).toMatchObject({
      passage: PASSAGE,
    });
    expect(hello).toMatchObject({
      case: 'hello',
      value: {
        version: 1,
        size: { columns: 80, rows: 24 },
        terminalWindowBytes: TERMINAL_WINDOW_BYTES,
        language: 'de-CH',
        timeZone: 'Europe/Zurich',
      },
    });
    expect(hello?.case === 'hello' && hello.value.resume).toBeUndefined();
  });

  it('uses the passage that the launch gave', () => {
    const bench = new Bench({ passage: PASSAGE });
    expect(kinds(bench.do((core, now) => core.start(now)))).toEqual(['open_socket']);
  });

  it('shows each step and becomes active', () => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    bench.reach();
    bench.welcome();
    bench.step(Step.CONNECT);
    expect(bench.core.view).toEqual({ status: 'connecting', step: Step.CONNECT, attempts: 0 });
    bench.step(Step.ACTIVE);
    expect(bench.core.view).toEqual({ status: 'active' });
    expect(bench.core.facts).toMatchObject({ endpointName: 'web-01', endsAt: undefined });
  });

  it('allows nothing when the node says nothing of a policy', () => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    bench.reach();
    bench.says({ case: 'welcome', value: { version: 1, protocol: TargetProtocol.SSH } });
    expect(bench.core.facts?.policy).toMatchObject({ copyAllowed: false, pasteAllowed: false });
  });

  it('refuses another version and another kind of screen', () => {
    for (const [more, code] of [
      [{ version: 2 }, 'version_mismatch'],
      [{ protocol: TargetProtocol.UNSPECIFIED }, 'protocol_not_shown'],
    ] as const) {
      const bench = new Bench();
      bench.do((core, now) => core.start(now));
      bench.reach();
      expect(kinds(bench.welcome(more))).toContain('close_socket');
      expect(bench.core.view).toMatchObject({ status: 'failed', failure: { code, origin: 'page' } });
    }
  });

  it('tells a size that changed between hello and welcome', () => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    bench.reach();
    bench.do((core, now) => core.handleResize({ ...SIZE, columns: 120 }, now));
    expect(sent(bench.welcome())).toContainEqual(
      expect.objectContaining({ case: 'terminalResize' }),
    );
  });
});

describe('questions of the target', () => {
  const request = (id: number): ToViewerBody => ({
    case: 'credentialRequest',
    value: { id, title: '', instruction: '', prompts: [{ label: 'Password:', echo: false }] },
  });

  it('shows them, and sends the answers once', () => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    bench.reach();
    bench.welcome();
    bench.says(request(7));
    expect(bench.core.view).toMatchObject({ status: 'credentials', questions: { id: 7 } });
    const answers = sent(bench.do((core) => core.handleCredentials(7, ['hunter2'])));
    expect(answers).toMatchObject([
      { case: 'credentialAnswer', value: { id: 7, answers: ['hunter2'], cancelled: false } },
    ]);
    expect(bench.core.view).toMatchObject({ status: 'connecting', step: Step.AUTHENTICATE });
    expect(bench.do((core) => core.handleCredentials(7, ['again']))).toEqual([]);
  });

  it('can be cancelled, and asked again', () => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    bench.reach();
    bench.welcome();
    bench.says(request(1));
    bench.says(request(2));
    expect(bench.do((core) => core.handleCredentials(1, []))).toEqual([]);
    const answers = sent(bench.do((core) => core.handleCredentials(2, undefined)));
    expect(answers).toMatchObject([{ case: 'credentialAnswer', value: { cancelled: true } }]);
  });
});

describe('output', () => {
  it('is acknowledged in batches, and soon after it stops', () => {
    const bench = active();
    bench.output(new Uint8Array(ACK_BYTES));
    const acks = sent(bench.do((core, now) => core.handleDrawn(ACK_BYTES, now)));
    expect(acks).toMatchObject([{ case: 'terminalAck', value: { outputOffset: BigInt(ACK_BYTES) } }]);

    bench.output('$ ');
    expect(sent(bench.do((core, now) => core.handleDrawn(2, now)))).toEqual([]);
    const later = sent(bench.pass(50)).filter((body) => body.case === 'terminalAck');
    expect(later).toMatchObject([{ value: { outputOffset: BigInt(ACK_BYTES + 2) } }]);
  });

  it('counts no more drawn than came', () => {
    const bench = active();
    bench.output('abc');
    bench.do((core, now) => core.handleDrawn(ACK_BYTES, now));
    const acks = sent(bench.pass(50)).filter((body) => body.case === 'terminalAck');
    expect(acks).toMatchObject([{ value: { outputOffset: 3n } }]);
  });

  it('is split where what was answered before ends', () => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    bench.reach();
    bench.welcome({ resumed: true, outputOffset: 10n, replayedUntilOffset: 13n });
    bench.step(Step.ACTIVE);
    expect(bench.output('abcdef')).toMatchObject([
      { do: 'draw', data: new TextEncoder().encode('abc'), replayed: true },
      { do: 'draw', data: new TextEncoder().encode('def'), replayed: false },
    ]);
    expect(bench.output('g')).toMatchObject([{ replayed: false }]);
  });
});

describe('input', () => {
  it('goes out while active, cut to size, with its origin', () => {
    const bench = active();
    const pasted = sent(bench.do((core) => core.handleInput(new Uint8Array(40_000), true)));
    expect(pasted.map((body) => body.case)).toEqual(['terminalInput', 'terminalInput']);
    expect(pasted[0]).toMatchObject({ value: { origin: InputOrigin.PASTED } });
  });

  it('goes nowhere while the way is lost or the session is only watched', () => {
    const bench = active();
    bench.drops();
    expect(bench.do((core) => core.handleInput(new Uint8Array(1), false))).toEqual([]);
    const watched = new Bench();
    watched.do((core, now) => core.start(now));
    watched.reach();
    watched.welcome({ dataPolicy: { copyAllowed: true, pasteAllowed: true, readOnly: true } });
    watched.step(Step.ACTIVE);
    expect(watched.do((core) => core.handleInput(new Uint8Array(1), false))).toEqual([]);
  });

  it('tells the last size once it is still', () => {
    const bench = active();
    bench.pass(10);
    for (const columns of [90, 100, 110]) {
      bench.do((core, now) => core.handleResize({ ...SIZE, columns }, now));
      bench.pass(RESIZE_DELAY_MS / 2);
    }
    const told = sent(bench.pass(RESIZE_DELAY_MS)).filter((body) => body.case === 'terminalResize');
    expect(told).toMatchObject([{ value: { size: { columns: 110 } } }]);
  });
});
