import { describe, expect, it } from 'vitest';

import { Fault, Step } from '../wire/generated/causeway/session/v1/session_pb';
import { CONNECT_GIVE_UP_MS, LATE_TIMER_MS, MESSAGE_BYTES_MAX, PONG_TIMEOUT_MS, RECONNECT_SLACK_MS, RETRY_FIRST_MS } from './limits';
import { active, Bench, GRACE_S, kinds, sent } from './session-bench';
import type { Effect, TicketRefusal } from './state';

describe('a lost way', () => {
  it('is found again with a new ticket, and the output goes on where it stopped', () => {
    const bench = active();
    bench.output('hello');
    bench.drops();
    expect(bench.core.view).toMatchObject({ status: 'reconnecting', attempts: 1 });
    expect(kinds(bench.pass(RETRY_FIRST_MS))).toEqual(['fetch_ticket']);
    const [hello] = bench.reach();
    expect(hello).toMatchObject({ value: { resume: { outputOffset: 5n } } });
    const effects = bench.welcome({ resumed: true, outputOffset: 5n });
    expect(kinds(effects)).not.toContain('clear_screen');
    expect(bench.core.view).toEqual({ status: 'active' });
    // What was drawn meanwhile is not acknowledged again.
    expect(sent(bench.do((core, now) => core.handleDrawn(5, now)))).toEqual([]);
  });

  it('starts on a clear screen when the node has another place', () => {
    const bench = active();
    bench.output('hello');
    bench.drops();
    bench.pass(RETRY_FIRST_MS);
    bench.reach();
    expect(kinds(bench.welcome({ resumed: true, outputOffset: 2n }))).toContain('clear_screen');
  });

  it('is tried less and less often, and anew after a success', () => {
    const bench = active();
    bench.drops();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      waits.push((bench.core.nextTimeout() ?? 0) - bench.now);
      bench.pass(waits.at(-1) ?? 0);
      bench.refuseTicket({ kind: 'unreachable' });
    }
    expect(waits).toEqual([150, 300, 600]);
    bench.pass(1200);
    bench.reach();
    bench.welcome({ resumed: true });
    bench.drops();
    expect((bench.core.nextTimeout() ?? 0) - bench.now).toBe(150);
  });

  it('is tried at once when the network is back', () => {
    const bench = active();
    bench.drops();
    expect(kinds(bench.do((core, now) => core.handleNudge(now)))).toEqual(['fetch_ticket']);
    expect(bench.do((core, now) => core.handleNudge(now))).toEqual([]);
  });

  it('is given up after the grace period', () => {
    const bench = active();
    bench.drops();
    const end = bench.now + GRACE_S * 1000 + RECONNECT_SLACK_MS;
    while (bench.core.view.status === 'reconnecting' && bench.now < end + 60_000) {
      bench.pass(1000);
      bench.refuseTicket({ kind: 'unreachable' });
    }
    expect(bench.core.view).toMatchObject({ status: 'failed', failure: { code: 'session_lost' } });
    expect(bench.now).toBeGreaterThanOrEqual(end);
    expect(kinds(bench.do((core, now) => core.handleRetry(now)))).toEqual(['fetch_ticket']);
    expect(bench.core.view.status).toBe('reconnecting');
  });

  it('that was never found is given up soon', () => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    for (let tries = 0; tries < 100 && bench.core.view.status === 'connecting'; tries += 1) {
      bench.refuseTicket({ kind: 'problem', status: 503, code: 'node_not_reachable', detail: '' });
      bench.pass(1000);
    }
    expect(bench.core.view).toMatchObject({ failure: { code: 'causeway_unreachable' } });
    expect(bench.now).toBeLessThan(1000 + CONNECT_GIVE_UP_MS + 5000);
  });

  it('ignores what an old socket still says', () => {
    const bench = active();
    const old = bench.socket;
    bench.drops();
    bench.pass(RETRY_FIRST_MS);
    bench.reach();
    bench.do((core, now) => core.handleSocketClosed(old, now));
    expect(kinds(bench.welcome({ resumed: true }))).toContain('welcome');
  });
});

describe('probes', () => {
  const nonces = (effects: Effect[]): bigint[] =>
    sent(effects).flatMap((body) => (body.case === 'ping' ? [body.value.nonce] : []));

  it('measure the round trip', () => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    bench.reach();
    const [nonce] = nonces(bench.welcome());
    bench.now += 42;
    bench.says({ case: 'pong', value: { nonce: nonce ?? 0n } });
    expect(bench.core.rttMs).toBe(42);
  });

  it('find a dead way', () => {
    const bench = active();
    expect(kinds(bench.pass(PONG_TIMEOUT_MS))).toContain('close_socket');
    expect(bench.core.view.status).toBe('reconnecting');
  });

  it('do not take a tab that slept for a dead way', () => {
    const bench = active();
    bench.now += PONG_TIMEOUT_MS + LATE_TIMER_MS + 60_000;
    const effects = bench.do((core, now) => core.handleTimeout(now));
    expect(nonces(effects)).toHaveLength(1);
    expect(bench.core.view.status).toBe('active');
  });
});

describe('ends', () => {
  it('shows a failure of the node with its details', () => {
    const bench = active();
    bench.says({
      case: 'failure',
      value: {
        code: 'host_key_changed',
        message: 'Another key.',
        fault: Fault.TARGET,
        step: Step.VERIFY_HOST,
        details: { expected_fingerprint: 'SHA256:a', presented_fingerprint: 'SHA256:b' },
      },
    });
    expect(bench.core.view).toMatchObject({
      status: 'failed',
      failure: { code: 'host_key_changed', origin: 'node', details: { presented_fingerprint: 'SHA256:b' } },
    });
    expect(bench.core.nextTimeout()).toBeUndefined();
  });

  it('shows how the program ended', () => {
    const bench = active();
    bench.says({ case: 'ended', value: { reason: 'exited', exitStatus: 3 } });
    expect(bench.core.view).toMatchObject({
      status: 'ended',
      ending: { reason: 'exited', exitStatus: 3, exitSignal: '' },
    });
    bench.drops();
    expect(bench.core.view.status).toBe('ended');
  });

  it('brings back a session that another tab took', () => {
    const bench = active();
    bench.says({ case: 'ended', value: { reason: 'replaced' } });
    expect(kinds(bench.do((core, now) => core.handleRetry(now)))).toEqual(['fetch_ticket']);
  });

  it.each([
    [{ kind: 'ended', reason: 'terminated' }, { status: 'ended', ending: { reason: 'terminated' } }],
    [problem(401, 'not_signed_in'), { status: 'failed', failure: { code: 'signed_out' } }],
    [problem(404, 'connection_not_found'), { status: 'failed', failure: { code: 'connection_not_found' } }],
    [problem(403, 'endpoint_not_allowed'), { status: 'failed', failure: { code: 'endpoint_not_allowed' } }],
    [problem(409, 'other_sign_in'), { status: 'failed', failure: { code: 'other_sign_in' } }],
    [problem(429, 'too_many'), { status: 'connecting' }],
    [problem(502, 'http_502'), { status: 'connecting' }],
  ] as const)('a refused ticket %j leads to %j', (refusal, view) => {
    const bench = new Bench();
    bench.do((core, now) => core.start(now));
    bench.refuseTicket(refusal);
    expect(bench.core.view).toMatchObject(view);
  });

  it('takes what it cannot read for a failure', () => {
    for (const bytes of [new Uint8Array([0xff, 0xff]), new Uint8Array(MESSAGE_BYTES_MAX + 1)]) {
      const bench = active();
      bench.do((core, now) => core.handleMessage(bench.socket, bytes, now));
      expect(bench.core.view).toMatchObject({ failure: { code: 'message_unreadable' } });
    }
  });

  it('bears bodies that it does not know', () => {
    const bench = active();
    bench.do((core, now) => core.handleMessage(bench.socket, new Uint8Array([0xc2, 0x3e, 0]), now));
    bench.says({ case: 'frameMark', value: { frame: 1n } });
    expect(bench.core.view.status).toBe('active');
  });

  it('tells the node that the person leaves', () => {
    const bench = active();
    expect(sent(bench.do((core) => core.handleLeave()))).toMatchObject([{ case: 'leave' }]);
    bench.drops();
    expect(bench.do((core) => core.handleLeave())).toEqual([]);
  });
});

function problem(status: number, code: string): TicketRefusal {
  return { kind: 'problem', status, code, detail: 'a reason' };
}
