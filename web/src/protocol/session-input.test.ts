import { describe, expect, it } from 'vitest';

import { Step, TargetProtocol, type ToNode } from '../wire/generated/causeway/session/v1/session_pb';
import { INPUT_BYTES_MAX, INPUT_KEPT_BYTES_MAX, RETRY_FIRST_MS, TYPE_AHEAD_MS } from './limits';
import { Bench, sent, type WelcomeFields } from './session-bench';
import type { Effect } from './state';

function counting(more: WelcomeFields = { inputTaken: 0n }): Bench {
  const bench = new Bench();
  bench.do((core, now) => core.start(now));
  bench.reach();
  bench.welcome(more);
  bench.step(Step.ACTIVE);
  return bench;
}

function types(bench: Bench, text: string): string {
  return typed(bench.do((core) => core.handleInput(new TextEncoder().encode(text), false)));
}

function typed(effects: Effect[]): string {
  const texts = sent(effects).flatMap((body) => (body.case === 'terminalInput' ? [body.value.data] : []));
  return texts.map((data) => new TextDecoder().decode(data)).join('');
}

/** What `Hello` says of the input, over the next way. */
function comesBack(bench: Bench): { id: bigint; sent: bigint } | undefined {
  bench.pass(RETRY_FIRST_MS);
  const hello = bench.reach().find((body): body is Extract<ToNode['body'], { case: 'hello' }> => body.case === 'hello');
  return hello?.value.input;
}

const taken = (bench: Bench, count: bigint): Effect[] => bench.says({ case: 'inputTaken', value: { count } });

describe('what was typed when the way was lost', () => {
  it('is sent again from where the node has taken it, before anything new', () => {
    const bench = counting();
    for (const key of 'abcde') types(bench, key);
    taken(bench, 2n);
    bench.drops();
    expect(comesBack(bench)).toMatchObject({ sent: 5n });
    expect(typed(bench.welcome({ resumed: true, inputTaken: 3n }))).toBe('de');
    expect(types(bench, 'f')).toBe('f');
    bench.drops();
    expect(comesBack(bench)).toMatchObject({ sent: 6n });
    expect(typed(bench.welcome({ resumed: true, inputTaken: 6n }))).toBe('');
  });

  it('is sent once more when the next way is lost too', () => {
    const bench = counting();
    types(bench, 'a');
    for (let times = 0; times < 3; times += 1) {
      bench.drops();
      expect(comesBack(bench)).toMatchObject({ sent: 1n });
      expect(typed(bench.welcome({ resumed: true, inputTaken: 0n }))).toBe('a');
    }
  });

  it('and just after that goes out over the next', () => {
    const bench = counting();
    bench.drops();
    expect(types(bench, 'ls')).toBe('');
    expect(bench.core.view).toMatchObject({ typesAhead: true });
    expect(comesBack(bench)).toMatchObject({ sent: 0n });
    expect(typed(bench.welcome({ resumed: true, inputTaken: 0n }))).toBe('ls');
  });

  it('and long after that goes nowhere', () => {
    const bench = counting();
    bench.drops();
    bench.pass(TYPE_AHEAD_MS);
    expect(bench.core.view).toMatchObject({ status: 'reconnecting', typesAhead: false });
    types(bench, 'ls');
    bench.refuseTicket({ kind: 'unreachable' });
    bench.pass(60_000);
    bench.reach();
    expect(typed(bench.welcome({ resumed: true, inputTaken: 0n }))).toBe('');
  });

  it('is not kept for a node that counts nothing', () => {
    const bench = counting({});
    expect(types(bench, 'a')).toBe('a');
    bench.drops();
    expect(bench.core.view).toMatchObject({ typesAhead: false });
    types(bench, 'b');
    comesBack(bench);
    expect(typed(bench.welcome({ resumed: true }))).toBe('');
    expect(types(bench, 'c')).toBe('c');
  });

  it('is another viewer’s business once that took over', () => {
    const bench = counting();
    types(bench, 'a');
    bench.says({ case: 'ended', value: { reason: 'replaced' } });
    bench.do((core, now) => core.handleRetry(now));
    const hello = bench.reach()[0];
    expect(hello).toMatchObject({ value: { input: { sent: 0n } } });
    expect(typed(bench.welcome({ resumed: true, inputTaken: 0n }))).toBe('');
  });

  it('is lost as a whole, and said to be, when too much is on its way', () => {
    const bench = counting();
    const piece = new Uint8Array(INPUT_BYTES_MAX).fill(120);
    const pieces = INPUT_KEPT_BYTES_MAX / INPUT_BYTES_MAX + 2;
    for (let at = 0; at < pieces; at += 1) bench.do((core) => core.handleInput(piece, true));
    bench.drops();
    comesBack(bench);
    const effects = bench.welcome({ resumed: true, inputTaken: 0n });
    expect(typed(effects)).toBe('');
    expect(effects).toContainEqual(expect.objectContaining({ do: 'notice', code: 'input_lost' }));
    // From there on it is counted as the node does.
    types(bench, 'a');
    bench.drops();
    expect(comesBack(bench)).toMatchObject({ sent: 1n });
    expect(typed(bench.welcome({ resumed: true, inputTaken: 0n }))).toBe('a');
  });

  it('is kept whole or not at all when it is long', () => {
    const bench = counting();
    bench.drops();
    const paste = (bytes: number): boolean => {
      let isTaken = false;
      bench.do((core) => (isTaken = core.handleInput(new Uint8Array(bytes).fill(120), true)));
      return isTaken;
    };
    expect(paste(INPUT_KEPT_BYTES_MAX + 1)).toBe(false);
    expect(paste(3 * INPUT_BYTES_MAX)).toBe(true);
    comesBack(bench);
    expect(typed(bench.welcome({ resumed: true, inputTaken: 0n })).length).toBe(3 * INPUT_BYTES_MAX);
  });

  it('is not let go of by a count that cannot be', () => {
    const bench = counting();
    types(bench, 'a');
    taken(bench, 7n);
    bench.drops();
    comesBack(bench);
    expect(typed(bench.welcome({ resumed: true, inputTaken: 0n }))).toBe('a');
  });
});

describe('keys of a desktop', () => {
  const desktop = (): Bench => counting({ protocol: TargetProtocol.VNC, inputTaken: 0n });
  const back = { protocol: TargetProtocol.VNC, resumed: true };
  const press = (bench: Bench, code: string, down: boolean): string[] =>
    keys(bench.do((core) => core.handleDesktopInput({ is: 'key', code, key: code, down })));
  const keys = (effects: Effect[]): string[] =>
    sent(effects).flatMap((body) => (body.case === 'key' ? [`${body.value.code}${body.value.down ? '+' : '-'}`] : []));

  it('are pressed again under the modifiers that the node lifted', () => {
    const bench = desktop();
    press(bench, 'ShiftLeft', true);
    press(bench, 'KeyA', true);
    press(bench, 'KeyA', false);
    bench.drops();
    comesBack(bench);
    expect(keys(bench.welcome({ ...back, inputTaken: 1n }))).toEqual(['ShiftLeft+', 'KeyA+', 'KeyA-']);
    expect(press(bench, 'ShiftLeft', false)).toEqual(['ShiftLeft-']);
    bench.drops();
    comesBack(bench);
    expect(keys(bench.welcome({ ...back, inputTaken: 5n }))).toEqual([]);
  });

  it('go up again however long it took', () => {
    const bench = desktop();
    press(bench, 'ControlLeft', true);
    bench.drops();
    bench.pass(TYPE_AHEAD_MS);
    press(bench, 'KeyC', true);
    press(bench, 'ControlLeft', false);
    bench.refuseTicket({ kind: 'unreachable' });
    bench.pass(60_000);
    bench.reach();
    expect(keys(bench.welcome({ ...back, inputTaken: 1n }))).toEqual(['ControlLeft+', 'ControlLeft-']);
  });

  it.each(['before', 'after'])('and the clipboard keep their order, put in just %s the loss', (when) => {
    const bench = desktop();
    if (when === 'after') bench.drops();
    bench.do((core) => expect(core.handleClipboard('text')).toBe('sent'));
    press(bench, 'KeyV', true);
    if (when === 'before') bench.drops();
    comesBack(bench);
    const again = sent(bench.welcome({ ...back, inputTaken: 0n })).map((body) => body.case);
    expect(again.filter((name) => name === 'clipboard' || name === 'key')).toEqual(['clipboard', 'key']);
  });
});
