/**
 * Settings as a text, to paste what people have: JSON, lines of `name: value`
 * as authentik writes them, lines of `name=value`, or the `<param>` elements
 * of Guacamole's user-mapping.xml.
 */

import type { Settings } from '../api/objects';
import { isMap } from './diff';

export type Trouble = { line: number; message: string };
export type Read = { settings: Settings; troubles: Trouble[] };

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export function readSettings(text: string): Read {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) return readJson(trimmed);
  if (trimmed.startsWith('<')) return readParams(trimmed);
  return readLines(text);
}

function readJson(text: string): Read {
  try {
    const read: unknown = JSON.parse(text);
    if (isMap(read)) return { settings: read, troubles: [] };
    return { settings: {}, troubles: [{ line: 1, message: 'A map in braces is wanted.' }] };
  } catch (error) {
    const words = error instanceof Error ? error.message : 'This is no JSON.';
    const at = /position (\d+)/.exec(words)?.[1];
    const line = at === undefined ? 1 : text.slice(0, Number(at)).split('\n').length;
    return { settings: {}, troubles: [{ line, message: `This is no JSON: ${words}` }] };
  }
}

function readParams(text: string): Read {
  const settings: Settings = {};
  for (const [, name = '', value = ''] of text.matchAll(/<param\s+name\s*=\s*["']([^"']+)["']\s*>([\s\S]*?)<\/param>/g)) {
    settings[plain(name)] = plain(value).trim();
  }
  const protocol = /<protocol>\s*([a-z]+)\s*<\/protocol>/.exec(text)?.[1];
  const nothing = Object.keys(settings).length === 0 && protocol === undefined;
  return { settings, troubles: nothing ? [{ line: 1, message: 'There is no <param name="…"> in this.' }] : [] };
}

function plain(text: string): string {
  return text.replace(/&(#x?[\da-f]+|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
    const code = name[1] === 'x' ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function readLines(text: string): Read {
  const lines = text.split(/\r?\n/);
  const settings: Settings = {};
  const troubles: Trouble[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    at += 1;
    if (/^\s*(#.*|---\s*)?$/.test(line)) continue;
    const found = /^\s*(["']?)([^\s:="'][^:="']*?)\1\s*(?:[:=]\s*|[:=]$)(.*)$/.exec(line);
    if (!found) {
      troubles.push({ line: at, message: 'A line is `name: value`.' });
      continue;
    }
    const [, , name = '', rest = ''] = found;
    if (/^\s/.test(line) && Object.keys(settings).length > 0 && troubles.length === 0 && isInside(lines, at - 1)) {
      troubles.push({ line: at, message: 'Write a map inside a setting as JSON: `name: {"key": "value"}`.' });
      continue;
    }
    if (/^[|>][-+]?\s*$/.test(rest)) {
      const { value, next } = readBlock(lines, at, rest);
      settings[name] = value;
      at = next;
    } else {
      settings[name] = valueOf(rest);
    }
  }
  return { settings, troubles };
}

/** Whether a line stands deeper than the first that says something. */
function isInside(lines: string[], at: number): boolean {
  const depth = (line: string): number => line.length - line.trimStart().length;
  const first = lines.find((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return depth(lines[at] ?? '') > depth(first ?? '');
}

/** A text of several lines behind `|` or `>`: everything that stands deeper. */
function readBlock(lines: string[], from: number, mark: string): { value: string; next: number } {
  const indent = /^\s+/.exec(lines.slice(from).find((line) => line.trim() !== '') ?? '')?.[0] ?? '';
  const body: string[] = [];
  let next = from;
  while (next < lines.length) {
    const line = lines[next] ?? '';
    if (line.trim() !== '' && (indent === '' || !line.startsWith(indent))) break;
    body.push(line.slice(indent.length));
    next += 1;
  }
  while (body.at(-1)?.trim() === '') body.pop();
  const text = body.join(mark.startsWith('>') ? ' ' : '\n');
  return { value: mark.includes('-') ? text : `${text}\n`, next };
}

function valueOf(text: string): unknown {
  const value = text.trim();
  if (/^[{["]/.test(value)) {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }
  const quoted = /^'((?:[^']|'')*)'\s*(#.*)?$/.exec(value);
  if (quoted) return (quoted[1] ?? '').replaceAll("''", "'");
  const bare = value.replace(/\s+#.*$/, '');
  if (bare === 'true' || bare === 'false') return bare === 'true';
  if (bare === 'null' || bare === '~') return null;
  return /^(0|-?[1-9]\d{0,14})$/.test(bare) ? Number(bare) : bare;
}

/** The settings as lines that `readSettings` reads back. */
export function writeSettings(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}: ${written(value)}\n`)
    .join('');
}

function written(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const isBlock = value.includes('\n') && !/[\r\t]|^\s|\n\n$/.test(value);
  if (isBlock) {
    const body = value.replace(/\n$/, '').split('\n').map((line) => (line === '' ? '' : `  ${line}`));
    return [`|${value.endsWith('\n') ? '' : '-'}`, ...body].join('\n');
  }
  return value !== '' && valueOf(value) === value ? value : JSON.stringify(value);
}
