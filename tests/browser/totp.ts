/** Codes of an authenticator app (RFC 6238): six digits, SHA-1, every 30 seconds. */

import { createHmac } from 'node:crypto';

const STEP_MS = 30_000;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The code of the present step, or of the one `ahead` of it. A code works once,
 * and the server takes those of the steps beside the present one, too: both
 * stay good for at least a step, however slow the machine is.
 */
export function code(secret: string, ahead: 0 | 1 = 0): string {
  return codeOf(secret, Math.floor(Date.now() / STEP_MS) + ahead);
}

function codeOf(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const at = mac[mac.length - 1]! & 0xf;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

function bytesOf(secret: string): Buffer {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
