/**
 * The session client: one connection from launch to end, over as many sockets
 * as it takes. No socket, clock or screen in here: the shell calls `handle*`,
 * carries out what `pollEffect` gives, and calls `handleTimeout` when
 * `nextTimeout` has come. Times are milliseconds of one clock.
 */

import type { Welcome } from '../wire/generated/causeway/session/v1/session_pb';
import { ClipboardSide, judgeText } from './clipboard';
import * as desktop from './desktop-messages';
import { DesktopSide, isPicture } from './desktop-side';
import { decodeToViewer, type ToViewerBody } from './envelope';
import { factsOf, isShown, MOVED, nodeEnding, nodeFailure } from './facts';
import * as failures from './failures';
import { streamId } from './input-log';
import { InputSide } from './input-side';
import { Latency } from './latency';
import { DESKTOP_RESIZE_DELAY_MS, PROTOCOL_VERSION, RESIZE_DELAY_MS } from './limits';
import * as messages from './messages';
import type { Locale, ViewerSize } from './messages';
import { Progress } from './progress';
import { Resizing } from './resizing';
import {
  isDesktop,
  type ClipboardVerdict,
  type Effect,
  type Passage,
  type SessionEnding,
  type SessionFacts,
  type SessionFailure,
  type SessionView,
  type TicketRefusal,
} from './state';
import { TerminalSide } from './terminal-side';
import { Way } from './way';

export type SessionOptions = {
  size: ViewerSize;
  locale: Locale;
  /** Numbers in [0, 1), for jitter. */
  random: () => number;
  /** A passage that the launch already gave. */
  passage?: Passage | undefined;
};

export class SessionCore {
  #effects: Effect[] = [];
  #facts: SessionFacts | undefined;
  #passage: Passage | undefined;
  readonly #input: InputSide;
  readonly #locale: Locale;
  readonly #way: Way;
  readonly #progress = new Progress();
  readonly #resizing: Resizing;
  readonly #terminal = new TerminalSide();
  readonly #desktop = new DesktopSide();
  readonly #clipboard = new ClipboardSide();
  readonly #latency = new Latency();

  constructor(options: SessionOptions) {
    this.#resizing = new Resizing(options.size);
    this.#locale = options.locale;
    this.#input = new InputSide(streamId(options.random), (data) => this.#send(data));
    this.#passage = options.passage;
    this.#way = new Way(options.random, (effect) => this.#effects.push(effect));
  }

  // ---- What it looks like --------------------------------------------------

  get view(): SessionView {
    const { phase, isOpen, attempts } = this.#way;
    const { step, questions, isActive, wasActive } = this.#progress;
    if (phase.is === 'failed') return { status: 'failed', failure: phase.failure };
    if (phase.is === 'ended') return { status: 'ended', ending: phase.ending };
    if (!isOpen && wasActive) {
      const retryAt = phase.is === 'waiting' ? phase.until : undefined;
      return { status: 'reconnecting', attempts, retryAt, typesAhead: this.#input.typesAhead };
    }
    if (isOpen && questions) return { status: 'credentials', questions };
    if (isOpen && isActive) return { status: 'active' };
    return { status: 'connecting', step, attempts };
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
    const times = [this.#way.deadline, this.#resizing.dueAt, this.#terminal.ackAt, this.#input.dueAt];
    if (this.#way.isOpen) times.push(this.#latency.nextTimeout());
    const earliest = Math.min(...times.map((time) => time ?? Infinity));
    return earliest === Infinity ? undefined : earliest;
  }

  handleTimeout(now: number): void {
    this.#checkPhase(now);
    this.#input.handleTimeout(now);
    if (!this.#way.isOpen) return;
    if (this.#latency.check(now) === 'dead') this.#dropSocket(now);
    else this.#sendDue(now);
  }

  // ---- The way to the node ---------------------------------------------------

  start(now: number): void {
    if (this.#way.phase.is !== 'idle') return;
    this.#way.begin(this.#passage, now);
    this.#passage = undefined;
  }

  handleTicket(request: number, passage: Passage, now: number): void {
    this.#way.handleTicket(request, passage, now);
  }

  handleTicketRefused(request: number, refusal: TicketRefusal, now: number): void {
    if (!this.#way.awaitsTicket(request)) return;
    const verdict = failures.judgeRefusal(refusal);
    if (verdict.kind === 'failed') this.#fail(verdict.failure);
    else if (verdict.kind === 'ended') this.#end(verdict.ending);
    else this.#waitOrGiveUp(now);
  }

  handleSocketOpen(socket: number, now: number): void {
    if (!this.#way.handleSocketOpen(socket, now)) return;
    const resumeFrom = this.#facts ? this.#terminal.received : undefined;
    this.#send(messages.hello(this.#resizing.tell(), this.#locale, resumeFrom, this.#input.stream));
  }

  handleSocketClosed(socket: number, now: number): void {
    if (this.#way.socket === socket) this.#lose(now);
  }

  /** The network is back, or the person looks at the tab again: try at once. */
  handleNudge(now: number): void {
    if (this.#way.phase.is === 'waiting') this.#way.fetchTicket(now);
  }

  /** The person asks for the same session again: it failed here, or another tab took it. */
  handleRetry(now: number): void {
    const { is } = this.#way.phase;
    if (is === 'failed' || is === 'ended') this.#way.begin(undefined, now);
  }

  handleMessage(socket: number, bytes: Uint8Array, now: number): void {
    if (this.#way.socket !== socket) return;
    // Whoever draws a picture decodes it.
    if (this.#way.isOpen && this.#isDesktop && isPicture(bytes)) {
      this.#show([{ do: 'picture', message: bytes }]);
      return;
    }
    const body = decodeToViewer(bytes);
    if (!body) this.#fail(failures.unreadableMessage());
    else this.#handleBody(body, bytes, now);
  }

  // ---- The person ------------------------------------------------------------

  /** Input goes out while the session is active; what is typed just after a loss is kept for the next way. */
  handleInput(data: Uint8Array, pasted: boolean): boolean {
    return this.#mayInput && this.#put(messages.terminalInput(data, pasted));
  }

  /** What a person does to a desktop; goes out under the same conditions. A key that went down goes up, whenever. */
  handleDesktopInput(input: desktop.DesktopInput): boolean {
    const isRelease = this.view.status === 'reconnecting' && this.#input.takesRelease(input);
    return (this.#mayInput || isRelease) && this.#put(desktop.desktopInput(input), input);
  }

  /** Puts `text` on the target's clipboard. */
  handleClipboard(text: string): ClipboardVerdict {
    if (!(this.#isActive || this.#input.typesAhead) || !this.#facts) return 'not_active';
    const verdict = judgeText(text, this.#facts.policy);
    if (verdict === 'sent' && !this.#put(desktop.clipboard(text))) return 'not_active';
    return verdict;
  }

  handleResize(size: ViewerSize, now: number): void {
    this.#resizing.handleResize(size);
    if (!this.#way.isOpen) return;
    this.#resizing.lookAt(now + (this.#isDesktop ? DESKTOP_RESIZE_DELAY_MS : RESIZE_DELAY_MS));
  }

  /** `bytes` more of a terminal's output are on the screen. */
  handleDrawn(bytes: number, now: number): void {
    this.#terminal.handleDrawn(bytes, now);
    if (this.#way.isOpen) this.#sendDue(now);
  }

  /** A desktop's frame is on the screen, `presentUs` after its mark came. */
  handlePresented(frame: bigint, presentUs: number): void {
    const ack = this.#desktop.handlePresented(frame, presentUs);
    if (ack && this.#way.isOpen) this.#send(ack);
  }

  /** `answers` is undefined when the person cancelled. */
  handleCredentials(id: number, answers: readonly string[] | undefined): void {
    if (!this.#way.isOpen || this.#progress.questions?.id !== id) return;
    this.#progress.forgetQuestions();
    this.#send(messages.credentialAnswer(id, answers));
  }

  /** The person closes the session for good; false when nobody can be told. */
  handleLeave(): boolean {
    if (!this.#way.isOpen) return false;
    this.#send(messages.leave());
    return true;
  }

  /** The picture is out of step with the node: over another socket it sends the whole of it. */
  handlePictureLost(now: number): void {
    if (this.#way.isOpen) this.#dropSocket(now);
  }

  // ---- Messages of the node ----------------------------------------------------

  #handleBody(body: ToViewerBody, bytes: Uint8Array, now: number): void {
    switch (body.case) {
      case 'failure':
        this.#fail(nodeFailure(body.value));
        return;
      case 'ended':
        if (body.value.reason === MOVED) this.#move(now);
        else this.#end(nodeEnding(body.value));
        return;
      case 'welcome':
        this.#handleWelcome(body.value, now);
        break;
      default:
        if (this.#way.isOpen) this.#handleOpenBody(body, bytes, now);
    }
    if (this.#isActive) this.#input.sendDue();
  }

  #handleOpenBody(body: ToViewerBody, bytes: Uint8Array, now: number): void {
    switch (body.case) {
      case 'progress':
        this.#progress.handleStep(body.value.step);
        return;
      case 'credentialRequest':
        this.#progress.handleQuestions(body.value);
        return;
      case 'terminalOutput':
        this.#show(this.#terminal.handleOutput(body.value.data));
        return;
      case 'inputTaken':
        this.#input.handleTaken(Number(body.value.count));
        return;
      case 'pong':
        this.#latency.handlePong(Number(body.value.nonce), now);
        return;
      case 'notice':
        this.#effects.push({ do: 'notice', code: body.value.code, message: body.value.message });
        return;
      case 'clipboard':
        this.#effects.push(...this.#clipboard.handlePiece(body.value.text, body.value.more));
        return;
      default:
        // Undefined for whatever a newer node may say.
        this.#handleDesktopBody(body, bytes, now);
    }
  }

  #handleDesktopBody(body: ToViewerBody, bytes: Uint8Array, now: number): void {
    const effects = this.#isDesktop ? this.#desktop.handleBody(body, bytes) : undefined;
    if (!effects) return;
    if (body.case === 'frameMark') this.#show(effects);
    else this.#effects.push(...effects);
    if (body.case !== 'desktopState') return;
    // It may only now be known that the target follows the size.
    this.#resizing.lookSoon(now);
    this.#sendDue(now);
  }

  #handleWelcome(welcome: Welcome, now: number): void {
    if (this.#way.phase.is !== 'greeting') return;
    if (welcome.version !== PROTOCOL_VERSION) {
      this.#fail(failures.versionMismatch());
      return;
    }
    if (!isShown(welcome.protocol)) {
      this.#fail(failures.protocolNotShown());
      return;
    }
    this.#way.handleWelcome();
    this.#effects.push(...this.#input.handleWelcome(welcome));
    this.#clipboard.handleWelcome();
    this.#desktop.handleWelcome();
    this.#effects.push(...this.#terminal.handleWelcome(welcome, this.#facts !== undefined));
    this.#facts = factsOf(welcome);
    this.#effects.push({ do: 'welcome', facts: this.#facts });
    this.#latency.start(now);
    // The window may have changed since `Hello`.
    this.#resizing.lookAt(now);
    this.#sendDue(now);
  }

  /** Something to see: the session is active, whether that was said or not. */
  #show(effects: Effect[]): void {
    if (!this.#progress.isActive) this.#progress.handleSeen();
    this.#effects.push(...effects);
  }

  // ---- Ways and waits ------------------------------------------------------------

  #checkPhase(now: number): void {
    const due = this.#way.deadline;
    if (due === undefined || now < due) return;
    const { is } = this.#way.phase;
    if (is === 'waiting') this.#way.fetchTicket(now);
    else if (is === 'ticket') this.#waitOrGiveUp(now);
    else this.#dropSocket(now);
  }

  #dropSocket(now: number): void {
    this.#way.closeSocket();
    this.#lose(now);
  }

  /** The socket is gone; the session may not be. */
  #lose(now: number): void {
    if (this.#isActive) this.#input.handleLost(now);
    this.#way.handleLost(this.#facts?.resumeGraceMs ?? 0, now);
    this.#rest();
    this.#progress.handleLost();
    this.#waitOrGiveUp(now);
  }

  /** The node hands the connection over to another: to that one, with a new ticket. */
  #move(now: number): void {
    this.#rest();
    if (!this.#progress.wasActive) this.#facts = undefined;
    this.#progress.handleLost();
    if (!this.#way.move(now)) this.#fail(failures.unreachable());
  }

  #waitOrGiveUp(now: number): void {
    if (this.#way.wait(now)) return;
    this.#fail(this.#progress.wasActive ? failures.sessionLost() : failures.unreachable());
  }

  #fail(failure: SessionFailure): void {
    this.#way.fail(failure);
    this.#input.discard();
    this.#rest();
  }

  #end(ending: SessionEnding): void {
    this.#way.end(ending);
    this.#input.discard();
    this.#rest();
  }

  /** What belonged to the socket is over. */
  #rest(): void {
    this.#progress.forgetQuestions();
    this.#resizing.rest();
    this.#latency.stop();
  }

  // ---- Sending -------------------------------------------------------------------

  get #isDesktop(): boolean {
    return this.#facts !== undefined && isDesktop(this.#facts.protocol);
  }

  get #isActive(): boolean {
    return this.view.status === 'active';
  }

  get #mayInput(): boolean {
    return (this.#isActive || this.#input.typesAhead) && !this.#facts?.policy.readOnly;
  }

  #put(all: Uint8Array[], input?: desktop.DesktopInput): boolean {
    return this.#input.put(all, this.#isActive, input);
  }

  #send(data: Uint8Array): void {
    const { socket } = this.#way;
    if (socket !== undefined) this.#effects.push({ do: 'send', socket, data });
  }

  #sendDue(now: number): void {
    const ack = this.#terminal.pollAck(now);
    if (ack) this.#send(ack);
    const nonce = this.#latency.pollPing(now);
    if (nonce !== undefined) this.#send(messages.ping(nonce));
    const size = this.#resizing.poll(now, !this.#isDesktop || this.#desktop.resizable);
    if (size) this.#send(this.#isDesktop ? desktop.desktopResize(size) : messages.terminalResize(size));
  }
}
