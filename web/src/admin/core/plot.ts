/** A line over time as the points of an SVG, and the marks of its axis. */

export type Box = { width: number; height: number };
export type Scale = { from: number; to: number; most: number };

/** The `d` of a path through the values; it is interrupted where there is none. */
export function line(times: readonly number[], values: readonly (number | undefined)[], scale: Scale, box: Box): string {
  let isDrawn = false;
  const parts: string[] = [];
  values.forEach((value, index) => {
    const time = times[index];
    if (value === undefined || time === undefined) {
      isDrawn = false;
      return;
    }
    parts.push(`${isDrawn ? 'L' : 'M'}${place(x(time, scale, box))} ${place(y(value, scale, box))}`);
    isDrawn = true;
  });
  return parts.join('');
}

/** The `d` of the area under the values; gaps count as nothing. */
export function area(times: readonly number[], values: readonly (number | undefined)[], scale: Scale, box: Box): string {
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined || times.length < 2) return '';
  const top = times.map((time, index) => `L${place(x(time, scale, box))} ${place(y(values[index] ?? 0, scale, box))}`);
  return `M${place(x(first, scale, box))} ${box.height}${top.join('')}L${place(x(last, scale, box))} ${box.height}Z`;
}

export function x(time: number, { from, to }: Scale, { width }: Box): number {
  if (to <= from) return 0;
  return Math.min(1, Math.max(0, (time - from) / (to - from))) * width;
}

export function y(value: number, { most }: Scale, { height }: Box): number {
  if (most <= 0) return height;
  return height - Math.min(1, Math.max(0, value / most)) * height;
}

/** A round number that the values fit below, and round marks up to it. */
export function ticks(greatest: number): { most: number; marks: number[] } {
  const wanted = Math.max(greatest, 4);
  const power = 10 ** Math.floor(Math.log10(wanted / 4));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each * 4 >= wanted && Number.isInteger(each)) ?? power * 10;
  const count = Math.ceil(wanted / step);
  return { most: step * count, marks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** How long an axis of time may be, and how far its marks are apart, ms. */
const SHORT_SPANS = [
  { span: MINUTE_MS, step: 15 * SECOND_MS },
  { span: 2 * MINUTE_MS, step: 30 * SECOND_MS },
  { span: 5 * MINUTE_MS, step: MINUTE_MS },
];
const LONGEST_SPAN = { span: 10 * MINUTE_MS, step: 2 * MINUTE_MS };

/** The shortest axis that holds the samples, and its marks: how long before the last, and in words. */
export function timeAxis(times: readonly number[]): { span: number; marks: { ago: number; words: string }[] } {
  const elapsed = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const { span, step } = SHORT_SPANS.find((each) => each.span >= elapsed) ?? LONGEST_SPAN;
  const marks = Array.from({ length: span / step + 1 }, (_, index) => span - index * step);
  return { span, marks: marks.map((ago) => ({ ago, words: agoWords(ago) })) };
}

function agoWords(ago: number): string {
  if (ago === 0) return 'now';
  return ago < MINUTE_MS || ago % MINUTE_MS !== 0 ? `-${ago / SECOND_MS} s` : `-${ago / MINUTE_MS} min`;
}

function place(value: number): string {
  return String(Math.round(value * 10) / 10);
}
