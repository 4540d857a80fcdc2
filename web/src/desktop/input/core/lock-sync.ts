/**
 * Lock keys at both sides. The viewer's are known whenever a key is pressed;
 * the target's as far as it tells, and as far as lock keys were sent to it.
 * Only a difference is told, else a lock would be switched twice.
 */

import type { LockKeys } from '../../../protocol/desktop-messages';
import type { LockCode } from './key-names';

const FIELDS: Record<LockCode, keyof LockKeys> = {
  CapsLock: 'caps',
  NumLock: 'num',
  ScrollLock: 'scroll',
};

export class LockSync {
  #target: LockKeys | undefined;

  /** The target's locks, as it told them. */
  handleTold(keys: LockKeys): void {
    this.#target = { ...keys };
  }

  /** A lock key went to the target, which switches the lock itself. */
  handleSent(code: LockCode): void {
    const field = FIELDS[code];
    if (this.#target) this.#target = { ...this.#target, [field]: !this.#target[field] };
  }

  /** The viewer was away: what it knew may no longer be so. */
  forget(): void {
    this.#target = undefined;
  }

  /** What to tell the target before a key that is pressed while the viewer's locks are `keys`. */
  check(keys: LockKeys): LockKeys | undefined {
    const known = this.#target;
    this.#target = { ...keys };
    const same =
      known && known.caps === keys.caps && known.num === keys.num && known.scroll === keys.scroll;
    return same ? undefined : { ...keys };
  }
}
