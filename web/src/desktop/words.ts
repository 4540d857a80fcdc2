/** Sizes and rates as a person reads them. */

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB'] as const;

/** `640 bytes`, `1.5 MiB`. */
export function bytesInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${short(value)} ${UNITS[unit] ?? ''}`;
}

/** Bits a second, as networks are measured: `840 kbit/s`, `12 Mbit/s`. */
export function rateInWords(bytesPerSecond: number): string {
  const kilobits = (bytesPerSecond * 8) / 1000;
  return kilobits < 1000 ? `${Math.round(kilobits)} kbit/s` : `${short(kilobits / 1000)} Mbit/s`;
}

function short(value: number): string {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value));
}
