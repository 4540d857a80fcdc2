import { describe, expect, it } from 'vitest';

import { Step } from '../wire/generated/causeway/session/v1/session_pb';
import { MOVES_MAX } from './limits';
import { active, Bench, kinds } from './session-bench';

const MOVED = { case: 'ended', value: { reason: 'moved', message: 'another node takes over' } } as const;

/** A viewer that has been welcomed by a node that still tries to reach the target. */
function opening(): Bench {
  const bench = new Bench();
  bench.do((core, now) => core.start(now));
  bench.reach();
  bench.welcome();
  bench.step(Step.CONNECT);
  return bench;
}

describe('a connection that another node takes over', () => {
  it('is followed at once, with a new ticket and as a new session', () => {
    const bench = opening();
    expect(kinds(bench.says(MOVED))).toEqual(['close_socket', 'fetch_ticket']);
    expect(bench.core.view).toMatchObject({ status: 'connecting', step: Step.UNSPECIFIED });
    const [hello] = bench.reach();
    expect(hello).toMatchObject({ case: 'hello' });
    expect((hello?.value as { resume?: unknown }).resume).toBeUndefined();
    bench.welcome({ resumed: false });
    bench.step(Step.ACTIVE);
    expect(bench.core.view).toEqual({ status: 'active' });
  });

  it('is followed before the node has answered the greeting, too', () => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    bench.reach();
    expect(kinds(bench.says(MOVED))).toContain('fetch_ticket');
    expect(bench.core.view).toMatchObject({ status: 'connecting' });
  });

  it('is tried again while its new node is not yet there', () => {
    const bench = opening();
    bench.says(MOVED);
    bench.refuseTicket({ kind: 'problem', status: 503, code: 'node_not_reachable', detail: '' });
    expect(bench.core.view).toMatchObject({ status: 'connecting', attempts: 1 });
    expect(kinds(bench.pass(2_000))).toContain('fetch_ticket');
  });

  it('that has ended meanwhile says why', () => {
    const bench = opening();
    bench.says(MOVED);
    bench.refuseTicket({ kind: 'ended', reason: 'connect_failed' });
    expect(bench.core.view).toMatchObject({ status: 'ended', ending: { reason: 'connect_failed' } });
  });

  it('is not handed on for ever', () => {
    const bench = opening();
    for (let moves = 0; moves < MOVES_MAX; moves += 1) {
      bench.says(MOVED);
      bench.reach();
      bench.welcome();
    }
    bench.says(MOVED);
    expect(bench.core.view).toMatchObject({ status: 'failed', failure: { code: 'causeway_unreachable' } });
  });

  it('keeps the screen of a session that was active', () => {
    const bench = active();
    bench.output('hello');
    bench.says(MOVED);
    expect(bench.core.view).toMatchObject({ status: 'reconnecting' });
    bench.reach();
    expect(kinds(bench.welcome({ resumed: false, outputOffset: 0n }))).toContain('clear_screen');
  });
});
