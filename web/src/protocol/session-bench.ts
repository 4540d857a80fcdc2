/** For the tests of the session client: a core, a clock, and both ends of its wire. */

import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';

import {
  Step,
  TargetProtocol,
  ToNodeSchema,
  ToViewerSchema,
  type ToNode,
} from '../wire/generated/causeway/session/v1/session_pb';
import { SessionCore } from './session';
import type { Effect, TicketRefusal } from './state';

export type ToViewerBody = NonNullable<MessageInitShape<typeof ToViewerSchema>['body']>;

export const PASSAGE = { edgeUrl: 'wss://edge.example/edge/v1/connect', ticket: 'v1.k.p.s' };
export const SIZE = { columns: 80, rows: 24, widthPx: 800, heightPx: 480, scalePercent: 100 };
export const GRACE_S = 120;

const WELCOME = {
  version: 1,
  protocol: TargetProtocol.SSH,
  endpointName: 'web-01',
  resumeGraceS: GRACE_S,
  dataPolicy: { copyAllowed: true, pasteAllowed: true },
};

export type WelcomeFields = {
  version?: number;
  protocol?: TargetProtocol;
  resumed?: boolean;
  outputOffset?: bigint;
  inputTaken?: bigint;
  replayedUntilOffset?: bigint;
  dataPolicy?: {
    copyAllowed: boolean;
    pasteAllowed: boolean;
    readOnly?: boolean;
    clipboardBytesMax?: number;
  };
};

/** A core, a clock, and both ends of its wire. */
export class Bench {
  now = 1000;
  readonly effects: Effect[] = [];
  readonly core: SessionCore;

  constructor(options: { passage?: typeof PASSAGE } = {}) {
    this.core = new SessionCore({
      size: SIZE,
      locale: { language: 'de-CH', timeZone: 'Europe/Zurich' },
      random: () => 0,
      ...options,
    });
  }

  do(act: (core: SessionCore, now: number) => void): Effect[] {
    act(this.core, this.now);
    const fresh: Effect[] = [];
    for (let effect = this.core.pollEffect(); effect; effect = this.core.pollEffect()) {
      fresh.push(effect);
    }
    this.effects.push(...fresh);
    return fresh;
  }

  /** Lets time pass, firing the core's timer whenever it is due. */
  pass(ms: number): Effect[] {
    const until = this.now + ms;
    const fresh: Effect[] = [];
    for (let due = this.core.nextTimeout(); due !== undefined && due <= until; ) {
      this.now = Math.max(this.now, due);
      fresh.push(...this.do((core, now) => core.handleTimeout(now)));
      due = this.core.nextTimeout();
    }
    this.now = until;
    return fresh;
  }

  get ticketRequest(): number {
    const asked = this.effects.findLast((effect) => effect.do === 'fetch_ticket');
    if (asked?.do !== 'fetch_ticket') throw new Error('no ticket was asked for');
    return asked.request;
  }

  get socket(): number {
    const opened = this.effects.findLast((effect) => effect.do === 'open_socket');
    if (opened?.do !== 'open_socket') throw new Error('no socket was opened');
    return opened.socket;
  }

  refuseTicket(refusal: TicketRefusal): Effect[] {
    return this.do((core, now) => core.handleTicketRefused(this.ticketRequest, refusal, now));
  }

  says(body: ToViewerBody): Effect[] {
    const bytes = toBinary(ToViewerSchema, create(ToViewerSchema, { body }));
    return this.do((core, now) => core.handleMessage(this.socket, bytes, now));
  }

  output(data: Uint8Array | string): Effect[] {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    return this.says({ case: 'terminalOutput', value: { data: bytes } });
  }

  drops(): Effect[] {
    return this.do((core, now) => core.handleSocketClosed(this.socket, now));
  }

  /** Ticket, socket and hello of the way that is being taken. */
  reach(): ToNode['body'][] {
    this.do((core, now) => core.handleTicket(this.ticketRequest, PASSAGE, now));
    return sent(this.do((core, now) => core.handleSocketOpen(this.socket, now)));
  }

  welcome(more: WelcomeFields = {}): Effect[] {
    return this.says({ case: 'welcome', value: { ...WELCOME, ...more } });
  }

  step(step: Step): Effect[] {
    return this.says({ case: 'progress', value: { step } });
  }
}

export function sent(effects: Effect[]): ToNode['body'][] {
  return effects.flatMap((effect) =>
    effect.do === 'send' ? [fromBinary(ToNodeSchema, effect.data).body] : [],
  );
}

export function kinds(effects: Effect[]): string[] {
  return effects.map((effect) => effect.do);
}

export function active(): Bench {
  const bench = new Bench();
  bench.do((core, now) => core.start(now));
  bench.reach();
  bench.welcome();
  bench.step(Step.ACTIVE);
  return bench;
}
