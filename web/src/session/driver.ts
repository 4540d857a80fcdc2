/**
 * The shell around one session core: its socket, its timer and its calls to
 * the API. It decides nothing; it carries out the core's effects and tells
 * the page when the view changed.
 */

import { ApiError } from '../api/problem';
import type { DesktopInput } from '../protocol/desktop-messages';
import type { ViewerSize } from '../protocol/messages';
import { SessionCore, type SessionOptions } from '../protocol/session';
import type {
  ClipboardVerdict,
  Effect,
  Passage,
  SessionFacts,
  SessionView,
  TicketRefusal,
  ViewEffect,
} from '../protocol/state';

const SUBPROTOCOL = 'causeway.v1';

export type DriverPorts = {
  /** Asks the control plane for a passage to this connection, or why it has ended. */
  ticket: () => Promise<Passage | { ended: string; code: string }>;
  changed: (view: SessionView) => void;
  /** What the page is to show, sound or tell. */
  take: (effect: ViewEffect) => void;
};

export class SessionDriver {
  readonly #core: SessionCore;
  readonly #ports: DriverPorts;
  readonly #listening = new AbortController();
  #socket: { id: number; socket: WebSocket } | undefined;
  #timer: number | undefined;
  #view: SessionView;
  #bytesReceived = 0;
  #disposed = false;

  constructor(options: SessionOptions, ports: DriverPorts) {
    this.#core = new SessionCore(options);
    this.#ports = ports;
    this.#view = this.#core.view;
    const { signal } = this.#listening;
    addEventListener('online', () => this.#do((now) => this.#core.handleNudge(now)), { signal });
    document.addEventListener(
      'visibilitychange',
      () => {
        if (!document.hidden) this.#do((now) => this.#core.handleNudge(now));
      },
      { signal },
    );
  }

  get view(): SessionView {
    return this.#view;
  }

  get facts(): SessionFacts | undefined {
    return this.#core.facts;
  }

  get rttMs(): number | undefined {
    return this.#core.rttMs;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  start(): void {
    this.#do((now) => this.#core.start(now));
  }

  retry(): void {
    this.#do((now) => this.#core.handleRetry(now));
  }

  input(data: Uint8Array, pasted: boolean): boolean {
    return this.#do(() => this.#core.handleInput(data, pasted));
  }

  resize(size: ViewerSize): void {
    this.#do((now) => this.#core.handleResize(size, now));
  }

  drawn(bytes: number): void {
    this.#do((now) => this.#core.handleDrawn(bytes, now));
  }

  desktopInput(input: DesktopInput): boolean {
    return this.#do(() => this.#core.handleDesktopInput(input));
  }

  clipboard(text: string): ClipboardVerdict {
    return this.#do(() => this.#core.handleClipboard(text));
  }

  presented(frame: bigint, presentUs: number): void {
    this.#do(() => this.#core.handlePresented(frame, presentUs));
  }

  pictureLost(): void {
    this.#do((now) => this.#core.handlePictureLost(now));
  }

  answer(id: number, answers: readonly string[] | undefined): void {
    this.#do(() => this.#core.handleCredentials(id, answers));
  }

  /** Ends the session over its own way; false when there is none. */
  leave(): boolean {
    return this.#do(() => this.#core.handleLeave());
  }

  dispose(): void {
    this.#disposed = true;
    this.#listening.abort();
    clearTimeout(this.#timer);
    this.#closeSocket();
  }

  #do<T>(act: (now: number) => T): T {
    const result = act(performance.now());
    this.#settle();
    return result;
  }

  #settle(): void {
    if (this.#disposed) return;
    for (let effect = this.#core.pollEffect(); effect; effect = this.#core.pollEffect()) {
      this.#carryOut(effect);
    }
    this.#setTimer();
    const view = this.#core.view;
    if (sameView(view, this.#view)) return;
    this.#view = view;
    this.#ports.changed(view);
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case 'fetch_ticket':
        void this.#fetchTicket(effect.request);
        return;
      case 'open_socket':
        this.#openSocket(effect.socket, effect.passage);
        return;
      case 'send':
        if (this.#socket?.id === effect.socket) this.#socket.socket.send(effect.data as BufferSource);
        return;
      case 'close_socket':
        if (this.#socket?.id === effect.socket) this.#closeSocket();
        return;
      default:
        this.#ports.take(effect);
    }
  }

  async #fetchTicket(request: number): Promise<void> {
    try {
      const answer = await this.#ports.ticket();
      this.#do((now) => {
        if ('ended' in answer) {
          const refusal = { kind: 'ended', reason: answer.ended, code: answer.code } as const;
          this.#core.handleTicketRefused(request, refusal, now);
        } else {
          this.#core.handleTicket(request, answer, now);
        }
      });
    } catch (error) {
      this.#do((now) => this.#core.handleTicketRefused(request, refusalOf(error), now));
    }
  }

  #openSocket(id: number, { edgeUrl, ticket }: Passage): void {
    let socket: WebSocket;
    try {
      socket = new WebSocket(edgeUrl, [SUBPROTOCOL, `ticket.${ticket}`]);
    } catch {
      // An address that is none; the core waits and asks for another.
      queueMicrotask(() => this.#do((now) => this.#core.handleSocketClosed(id, now)));
      return;
    }
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#do((now) => this.#core.handleSocketOpen(id, now));
    socket.onclose = () => this.#do((now) => this.#core.handleSocketClosed(id, now));
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      // Text is not of this protocol; an empty envelope is none either.
      const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
      if (!bytes) return;
      this.#bytesReceived += bytes.length;
      this.#do((now) => this.#core.handleMessage(id, bytes, now));
    };
    this.#socket = { id, socket };
  }

  #closeSocket(): void {
    const socket = this.#socket?.socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const at = this.#core.nextTimeout();
    if (at === undefined) return;
    const wait = Math.max(0, at - performance.now());
    this.#timer = setTimeout(() => this.#do((now) => this.#core.handleTimeout(now)), wait);
  }
}

/** Views are rebuilt on every look; only a difference is worth a redraw. */
function sameView(one: SessionView, other: SessionView): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function refusalOf(error: unknown): TicketRefusal {
  if (!(error instanceof ApiError) || error.status === 0) return { kind: 'unreachable' };
  const { status, code, detail } = error;
  return { kind: 'problem', status, code, detail };
}
