import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { launch, me, ticket } from './client';
import { answer } from './flow';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;

type Request = { path: string; traceparent: string | null };

/** Requests that went out, in order. */
let sent: Request[] = [];
let answers: Record<string, unknown> = {};

beforeEach(() => {
  sent = [];
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    sent.push({ path, traceparent: new Headers(init.headers).get('traceparent') });
    const name = path.split('/').at(-1) ?? '';
    return new Response(JSON.stringify(answers[name] ?? {}), { status: 200 });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function signedIn(traces: boolean): Promise<void> {
  answers = {
    me: { traces },
    launch: { type: 'challenge', execution: 'run-1' },
    'run-1': { type: 'connection', connection: { id: 'c-1' } },
    ticket: {},
  };
  await me();
  sent = [];
}

it('sends nothing about traces unless the server keeps them', async () => {
  await signedIn(false);
  await launch('linux', 'web-01');
  await answer('run-1', {});
  await ticket('c-1');
  expect(sent.map(({ traceparent }) => traceparent)).toEqual([null, null, null]);
});

it('begins one trace for a launch, its answers and its ticket', async () => {
  await signedIn(true);
  await launch('linux', 'web-01');
  await answer('run-1', {});
  await ticket('c-1');
  const [first] = sent;
  expect(first?.traceparent).toMatch(TRACEPARENT);
  expect(new Set(sent.map(({ traceparent }) => traceparent)).size).toBe(1);
});

it('begins another one for the next launch', async () => {
  await signedIn(true);
  await launch('linux', 'web-01');
  await launch('linux', 'web-01');
  expect(new Set(sent.map(({ traceparent }) => traceparent)).size).toBe(2);
});

it('says nothing about a browser that comes back later, or for something else', async () => {
  await signedIn(true);
  await launch('linux', 'web-01');
  await answer('run-1', {});
  await ticket('c-2');
  vi.useFakeTimers({ now: Date.now() + 11 * 60_000 });
  await ticket('c-1');
  expect(sent.slice(2).map(({ traceparent }) => traceparent)).toEqual([null, null]);
});

it('bears a storage that holds anything', async () => {
  await signedIn(true);
  for (const held of ['', 'x', '7', '[7, null, {}]', '[["c-1"]]']) {
    localStorage.setItem('causeway.traces', held);
    await ticket('c-1');
  }
  expect(sent.every(({ traceparent }) => traceparent === null)).toBe(true);
});
