/**
 * The session client: one connection from launch to end, over as many sockets
 * as it takes. No socket, clock or screen in here: the shell calls `handle*`,
 * carries out what `pollEffect` gives, and calls `handleTimeout` when
 * `nextTimeout` has come. Times are milliseconds of one clock.
 */

import { Step, TargetProtocol, type Welcome } from '../wire/generated/causeway/session/v1/session_pb';
import { Backoff } from './backoff';
import * as failures from './failures';
import { OutputFlow } from './flow';
import { Latency } from './latency';
import {
  CONNECT_GIVE_UP_MS,
  OPEN_TIMEOUT_MS,
  PROTOCOL_VERSION,
  RECONNECT_SLACK_MS,
  RESIZE_DELAY_MS,
  TICKET_TIMEOUT_MS,
  WELCOME_TIMEOUT_MS,
} from './limits';
import * as messages from './messages';
import { factsOf, nodeEnding, nodeFailure } from './facts';
import { sameSize, type Locale, type ToViewerBody, type ViewerSize } from './messages';
import { deadlineOf, socketOf, type Phase } from './phase';
import type {
  CredentialQuestions,
  Effect,
  Passage,
  SessionEnding,
  SessionFacts,
  SessionFailure,
  SessionView,
  TicketRefusal,
} from './state';

export type SessionOptions = {
  size: ViewerSize;
  locale: Locale;
  /** Numbers in [0, 1), for jitter. */
  random: () => number;
  /** A passage that the launch already gave. */
  passage?: Passage | undefined;
};

export class SessionCore {
  #phase: Phase = { is: 'idle' };
  #effects: Effect[] = [];
  #serial = 0;
  #size: ViewerSize;
  #sizeTold: ViewerSize | undefined;
  #resizeAt: number | undefined;
  #giveUpAt = Infinity;
  #step = Step.UNSPECIFIED;
  #questions: CredentialQuestions | undefined;
  #facts: SessionFacts | undefined;
  #wasActive = false;
  #replayedUntil = 0;
  #passage: Passage | undefined;
  readonly #locale: Locale;
  readonly #backoff: Backoff;
  readonly #flow = new OutputFlow();
  readonly #latency = new Latency();

  constructor(options: SessionOptions) {
    this.#size = options.size;
    this.#locale = options.locale;
    this.#passage = options.passage;
    this.#backoff = new Backoff(options.random);
  }

  // ---- What it looks like --------------------------------------------------

  get view(): SessionView {
    const phase = this.#phase;
    if (phase.is === 'failed') return { status: 'failed', failure: phase.failure };
    if (phase.is === 'ended') return { status: 'ended', ending: phase.ending };
    if (phase.is !== 'open' && this.#wasActive) {
      const retryAt = phase.is === 'waiting' ? phase.until : undefined;
      return { status: 'reconnecting', attempts: this.#backoff.attempts, retryAt };
    }
    if (phase.is === 'open' && this.#questions) {
      return { status: 'credentials', questions: this.#questions };
    }
    if (phase.is === 'open' && this.#step === Step.ACTIVE) return { status: 'active' };
    return { status: 'connecting', step: this.#step, attempts: this.#backoff.attempts };
  }

  /** What the node told of the session; undefined before its first welcome. */
  get facts(): SessionFacts | undefined {
    return this.#facts;
  }

  get rttMs(): number | undefined {
    return this.#latency.rttMs;
  }

  // ---- Grammar: effects and time -------------------------------------------

  pollEffect(): Effect | undefined {
    return this.#effects.shift();
  }

  nextTimeout(): number | undefined {
    const times = [deadlineOf(this.#phase), this.#resizeAt, this.#flow.ackAt];
    if (this.#phase.is === 'open') times.push(this.#latency.nextTimeout());
    const earliest = Math.min(...times.map((time) => time ?? Infinity));
    return earliest === Infinity ? undefined : earliest;
  }

  handleTimeout(now: number): void {
    this.#checkPhase(now);
    if (this.#phase.is !== 'open') return;
    if (this.#latency.check(now) === 'dead') {
      this.#dropSocket(now);
      return;
    }
    this.#sendDue(now);
  }

  // ---- The way to the node ---------------------------------------------------

  start(now: number): void {
    if (this.#phase.is !== 'idle') return;
    this.#giveUpAt = now + CONNECT_GIVE_UP_MS;
    const passage = this.#passage;
    this.#passage = undefined;
    if (passage) this.#openSocket(passage, now);
    else this.#fetchTicket(now);
  }

  handleTicket(request: number, passage: Passage, now: number): void {
    if (this.#phase.is !== 'ticket' || this.#phase.request !== request) return;
    this.#openSocket(passage, now);
  }

  handleTicketRefused(request: number, refusal: TicketRefusal, now: number): void {
    if (this.#phase.is !== 'ticket' || this.#phase.request !== request) return;
    const verdict = failures.judgeRefusal(refusal);
    if (verdict.kind === 'failed') this.#fail(verdict.failure);
    else if (verdict.kind === 'ended') this.#end(verdict.ending);
    else this.#waitOrGiveUp(now);
  }

  handleSocketOpen(socket: number, now: number): void {
    if (this.#phase.is !== 'opening' || this.#phase.socket !== socket) return;
    this.#phase = { is: 'greeting', socket, deadline: now + WELCOME_TIMEOUT_MS };
    const resumeFrom = this.#facts ? this.#flow.received : undefined;
    this.#sizeTold = this.#size;
    this.#send(messages.hello(this.#size, this.#locale, resumeFrom));
  }

  handleSocketClosed(socket: number, now: number): void {
    if (socketOf(this.#phase) !== socket) return;
    this.#lose(now);
  }

  /** The network is back, or the person looks at the tab again: try at once. */
  handleNudge(now: number): void {
    if (this.#phase.is === 'waiting') this.#fetchTicket(now);
  }

  /** The person asks for the same session again: it failed here, or another tab took it. */
  handleRetry(now: number): void {
    if (this.#phase.is !== 'failed' && this.#phase.is !== 'ended') return;
    this.#backoff.reset();
    this.#giveUpAt = now + CONNECT_GIVE_UP_MS;
    this.#fetchTicket(now);
  }

  handleMessage(socket: number, bytes: Uint8Array, now: number): void {
    if (socketOf(this.#phase) !== socket) return;
    const body = messages.decodeToViewer(bytes);
    if (!body) this.#fail(failures.unreadableMessage());
    else this.#handleBody(body, now);
  }

  // ---- The person ------------------------------------------------------------

  /** Input goes out only while the session is active; nothing is kept for later. */
  handleInput(data: Uint8Array, pasted: boolean): boolean {
    if (this.view.status !== 'active' || this.#facts?.policy.readOnly) return false;
    for (const message of messages.terminalInput(data, pasted)) this.#send(message);
    return true;
  }

  handleResize(size: ViewerSize, now: number): void {
    this.#size = size;
    if (this.#phase.is === 'open') this.#resizeAt = now + RESIZE_DELAY_MS;
  }

  /** `bytes` more of the output are on the screen. */
  handleDrawn(bytes: number, now: number): void {
    this.#flow.handleDrawn(bytes, now);
    if (this.#phase.is === 'open') this.#sendDue(now);
  }

  /** `answers` is undefined when the person cancelled. */
  handleCredentials(id: number, answers: readonly string[] | undefined): void {
    if (this.#phase.is !== 'open' || this.#questions?.id !== id) return;
    this.#questions = undefined;
    this.#send(messages.credentialAnswer(id, answers));
  }

  /** The person closes the session for good; false when nobody can be told. */
  handleLeave(): boolean {
    if (this.#phase.is !== 'open') return false;
    this.#send(messages.leave());
    return true;
  }

  // ---- Messages of the node ----------------------------------------------------

  #handleBody(body: ToViewerBody, now: number): void {
    switch (body.case) {
      case 'failure':
        this.#fail(nodeFailure(body.value));
        return;
      case 'ended':
        this.#end(nodeEnding(body.value));
        return;
      case 'welcome':
        this.#handleWelcome(body.value, now);
        return;
      default:
        if (this.#phase.is === 'open') this.#handleOpenBody(body, now);
    }
  }

  #handleOpenBody(body: ToViewerBody, now: number): void {
    switch (body.case) {
      case 'progress':
        this.#step = body.value.step;
        if (this.#step === Step.ACTIVE) this.#becomeActive();
        return;
      case 'credentialRequest': {
        const { id, title, instruction, prompts } = body.value;
        const plain = prompts.map(({ label, echo }) => ({ label, echo }));
        this.#step = Step.AUTHENTICATE;
        this.#questions = { id, title, instruction, prompts: plain };
        return;
      }
      case 'terminalOutput':
        if (this.#step !== Step.ACTIVE) this.#becomeActive();
        this.#handleOutput(body.value.data);
        return;
      case 'pong':
        this.#latency.handlePong(Number(body.value.nonce), now);
        return;
      case 'notice':
        this.#effects.push({ do: 'notice', code: body.value.code, message: body.value.message });
        return;
      case 'clipboard':
        this.#effects.push({ do: 'clipboard', text: body.value.text });
        return;
      default:
        // Desktop messages and whatever a newer node may say.
        return;
    }
  }

  #handleWelcome(welcome: Welcome, now: number): void {
    if (this.#phase.is !== 'greeting') return;
    if (welcome.version !== PROTOCOL_VERSION) {
      this.#fail(failures.versionMismatch());
      return;
    }
    if (welcome.protocol !== TargetProtocol.SSH) {
      this.#fail(failures.protocolNotShown());
      return;
    }
    this.#phase = { is: 'open', socket: this.#phase.socket };
    this.#backoff.reset();
    this.#continueOutput(Number(welcome.outputOffset));
    this.#replayedUntil = Number(welcome.replayedUntilOffset);
    this.#facts = factsOf(welcome);
    this.#effects.push({ do: 'welcome', facts: this.#facts });
    this.#latency.start(now);
    // The window may have changed since `Hello`.
    this.#resizeAt = now;
    this.#sendDue(now);
  }

  /** Takes up the output at `offset`; from elsewhere than it stopped, on a clear screen. */
  #continueOutput(offset: number): void {
    if (this.#facts && offset === this.#flow.received) {
      this.#flow.carryOn();
      return;
    }
    if (this.#facts) this.#effects.push({ do: 'clear_screen' });
    this.#flow.restart(offset);
  }

  #handleOutput(data: Uint8Array): void {
    const old = Math.max(0, Math.min(data.length, this.#replayedUntil - this.#flow.received));
    this.#flow.handleReceived(data.length);
    if (old > 0) this.#effects.push({ do: 'draw', data: data.subarray(0, old), replayed: true });
    if (old < data.length) {
      this.#effects.push({ do: 'draw', data: data.subarray(old), replayed: false });
    }
  }

  #becomeActive(): void {
    this.#step = Step.ACTIVE;
    this.#questions = undefined;
    this.#wasActive = true;
  }

  // ---- Ways and waits ------------------------------------------------------------

  #fetchTicket(now: number): void {
    this.#serial += 1;
    this.#phase = { is: 'ticket', request: this.#serial, deadline: now + TICKET_TIMEOUT_MS };
    this.#effects.push({ do: 'fetch_ticket', request: this.#serial });
  }

  #openSocket(passage: Passage, now: number): void {
    this.#serial += 1;
    this.#phase = { is: 'opening', socket: this.#serial, deadline: now + OPEN_TIMEOUT_MS };
    this.#effects.push({ do: 'open_socket', socket: this.#serial, passage });
  }

  #checkPhase(now: number): void {
    const due = deadlineOf(this.#phase);
    if (due === undefined || now < due) return;
    if (this.#phase.is === 'waiting') this.#fetchTicket(now);
    else if (this.#phase.is === 'ticket') this.#waitOrGiveUp(now);
    else this.#dropSocket(now);
  }

  #dropSocket(now: number): void {
    const socket = socketOf(this.#phase);
    if (socket !== undefined) this.#effects.push({ do: 'close_socket', socket });
    this.#lose(now);
  }

  /** The socket is gone; the session may not be. */
  #lose(now: number): void {
    if (this.#phase.is === 'open') {
      const grace = this.#facts?.resumeGraceMs ?? 0;
      this.#giveUpAt = now + grace + RECONNECT_SLACK_MS;
    }
    this.#questions = undefined;
    this.#resizeAt = undefined;
    if (!this.#wasActive) this.#step = Step.UNSPECIFIED;
    this.#latency.stop();
    this.#waitOrGiveUp(now);
  }

  #waitOrGiveUp(now: number): void {
    if (now >= this.#giveUpAt) {
      this.#fail(this.#wasActive ? failures.sessionLost() : failures.unreachable());
      return;
    }
    this.#phase = { is: 'waiting', until: now + this.#backoff.next() };
  }

  #fail(failure: SessionFailure): void {
    this.#close();
    this.#phase = { is: 'failed', failure };
  }

  #end(ending: SessionEnding): void {
    this.#close();
    this.#phase = { is: 'ended', ending };
  }

  #close(): void {
    const socket = socketOf(this.#phase);
    if (socket !== undefined) this.#effects.push({ do: 'close_socket', socket });
    this.#questions = undefined;
    this.#resizeAt = undefined;
    this.#latency.stop();
  }

  // ---- Sending -------------------------------------------------------------------

  #send(data: Uint8Array): void {
    const socket = socketOf(this.#phase);
    if (socket !== undefined) this.#effects.push({ do: 'send', socket, data });
  }

  #sendDue(now: number): void {
    const offset = this.#flow.pollAck(now);
    if (offset !== undefined) this.#send(messages.terminalAck(offset));
    const nonce = this.#latency.pollPing(now);
    if (nonce !== undefined) this.#send(messages.ping(nonce));
    if (this.#resizeAt === undefined || now < this.#resizeAt) return;
    this.#resizeAt = undefined;
    if (this.#sizeTold && sameSize(this.#sizeTold, this.#size)) return;
    this.#sizeTold = this.#size;
    this.#send(messages.terminalResize(this.#size));
  }
}
