/** Documents as `causeway apply` reads them (YAML 1.2, a small part of it). */

import { isKept } from './secrets';
import { isMap } from './diff';

/** Texts that YAML would read as something else. */
const TAKEN = /^(?:~|null|true|false|yes|no|on|off|y|n|[-+.]?\d.*|0x.*|0o.*|\.inf|\.nan)$/i;

/** A document of a kind; secrets that only the server has are left out and named in a comment. */
export function toYaml(kind: string, fields: Record<string, unknown>): string {
  return [`kind: ${kind}`, ...lines(fields, 0)].join('\n') + '\n';
}

function lines(map: Record<string, unknown>, depth: number): string[] {
  const indent = '  '.repeat(depth);
  return Object.entries(map).flatMap(([name, value]) => {
    const key = `${indent}${scalar(name, depth)}:`;
    if (value === undefined || value === null) return [];
    if (isKept(value)) return [`${indent}# ${name}: a secret that is set and not shown`];
    if (isMap(value)) return Object.keys(value).length === 0 ? [] : [key, ...lines(value, depth + 1)];
    if (Array.isArray(value)) return value.length === 0 ? [] : [key, ...items(value, depth + 1)];
    return [`${key} ${scalar(value, depth)}`];
  });
}

function items(list: unknown[], depth: number): string[] {
  const indent = '  '.repeat(depth);
  return list.flatMap((item) => {
    if (!isMap(item)) return [`${indent}- ${Array.isArray(item) ? JSON.stringify(item) : scalar(item, depth)}`];
    const [first = '', ...rest] = lines(item, 0);
    return [`${indent}- ${first}`, ...rest.map((line) => `${indent}  ${line}`)];
  });
}

function scalar(value: unknown, depth: number): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (value.includes('\n')) return block(value, depth);
  const plain = /^[\p{L}\p{N}_./@%+=()$][^#:{}[\],&*!|>'"`\\\p{Cc}]*$/u.test(value) && value === value.trim();
  const plainUrl = /^[a-z]+:\/\/[^\s#]+$|^[\w.-]+:\d+$/.test(value);
  return (plain || plainUrl) && !TAKEN.test(value) ? value : JSON.stringify(value);
}

/** A text of several lines: `|` keeps its last line end, `|-` has none. */
function block(text: string, depth: number): string {
  const whole = text.replace(/\n$/, '');
  if (/\r|\t|^\s|\n$/.test(whole)) return JSON.stringify(text);
  const indent = '  '.repeat(depth + 1);
  const body = whole.split('\n').map((line) => (line === '' ? '' : indent + line));
  return [`|${text.endsWith('\n') ? '' : '-'}`, ...body].join('\n');
}
