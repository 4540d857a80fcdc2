/**
 * Flow control of terminal output: what has arrived, what is drawn, what was
 * acknowledged. Offsets count bytes since the session began.
 */

import { ACK_BYTES, ACK_DELAY_MS } from './limits';

export class OutputFlow {
  #received = 0;
  #drawn = 0;
  #acknowledged = 0;
  #ackAt: number | undefined;

  /** Offset of the next byte that will arrive. */
  get received(): number {
    return this.#received;
  }

  /** Offset up to which output is on the screen. */
  get drawn(): number {
    return this.#drawn;
  }

  /** When an acknowledgement is due, if one is. */
  get ackAt(): number | undefined {
    return this.#ackAt;
  }

  /** The output goes on at `offset`; the screen was cleared. */
  restart(offset: number): void {
    this.#received = offset;
    this.#drawn = offset;
    this.#acknowledged = offset;
    this.#ackAt = undefined;
  }

  /** The same output goes on over another socket; the node counts from here. */
  carryOn(): void {
    this.#acknowledged = this.#received;
    this.#ackAt = undefined;
  }

  handleReceived(bytes: number): void {
    this.#received += bytes;
  }

  /** `bytes` more are drawn. */
  handleDrawn(bytes: number, now: number): void {
    this.#drawn = Math.min(this.#received, this.#drawn + bytes);
    const owed = this.#drawn - this.#acknowledged;
    if (owed <= 0) return;
    const due = owed >= ACK_BYTES ? now : now + ACK_DELAY_MS;
    this.#ackAt = Math.min(this.#ackAt ?? due, due);
  }

  /** The offset to acknowledge now, if an acknowledgement is due. */
  pollAck(now: number): number | undefined {
    if (this.#ackAt === undefined || now < this.#ackAt) return undefined;
    this.#ackAt = undefined;
    this.#acknowledged = this.#drawn;
    return this.#drawn;
  }
}
