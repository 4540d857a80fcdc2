/** The terminal of a session: output in its order, drawn and acknowledged. */

import type { Welcome } from '../wire/generated/causeway/session/v1/session_pb';
import { OutputFlow } from './flow';
import * as messages from './messages';
import type { Effect } from './state';

export class TerminalSide {
  readonly #flow = new OutputFlow();
  #replayedUntil = 0;

  /** Offset of the next byte that will arrive. */
  get received(): number {
    return this.#flow.received;
  }

  /** When an acknowledgement is due, if one is. */
  get ackAt(): number | undefined {
    return this.#flow.ackAt;
  }

  /** Takes up the output where the node does; from elsewhere than it stopped, on a clear screen. */
  handleWelcome(welcome: Welcome, seenBefore: boolean): Effect[] {
    const offset = Number(welcome.outputOffset);
    this.#replayedUntil = Number(welcome.replayedUntilOffset);
    if (seenBefore && offset === this.#flow.received) {
      this.#flow.carryOn();
      return [];
    }
    this.#flow.restart(offset);
    return seenBefore ? [{ do: 'clear_screen' }] : [];
  }

  handleOutput(data: Uint8Array): Effect[] {
    const old = Math.max(0, Math.min(data.length, this.#replayedUntil - this.#flow.received));
    this.#flow.handleReceived(data.length);
    const effects: Effect[] = [];
    if (old > 0) effects.push({ do: 'draw', data: data.subarray(0, old), replayed: true });
    if (old < data.length) effects.push({ do: 'draw', data: data.subarray(old), replayed: false });
    return effects;
  }

  /** `bytes` more of the output are on the screen. */
  handleDrawn(bytes: number, now: number): void {
    this.#flow.handleDrawn(bytes, now);
  }

  /** The acknowledgement to send now, if one is due. */
  pollAck(now: number): Uint8Array | undefined {
    const offset = this.#flow.pollAck(now);
    return offset === undefined ? undefined : messages.terminalAck(offset);
  }
}
