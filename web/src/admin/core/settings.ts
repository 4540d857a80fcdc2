/** Settings beside their catalogue: what each is, what can be added, what a typed value is. */

import type { SettingEntry } from '../api/answers';
import type { Protocol, Settings } from '../api/objects';
import { isMap } from './diff';
import { isKept, outsideOf } from './secrets';

export type Catalogue = ReadonlyMap<string, SettingEntry>;

/** How a value is shown and written. */
export type Input = 'boolean' | 'integer' | 'choice' | 'text' | 'multiline' | 'secret' | 'structure' | 'removed';

/** What is to be said about a setting beside its value. */
export type Mark = 'unknown' | 'planned' | 'ignored' | 'other_protocol';

export type SettingRow = { name: string; value: unknown; entry: SettingEntry | undefined; input: Input; mark: Mark | undefined };

/** Names that hold a secret though the catalogue does not know them, as the server guesses. */
const SECRET_WORDS = /password|passwd|passphrase|secret|key|token|credential|private/i;

export function catalogueOf(items: readonly SettingEntry[]): Catalogue {
  return new Map(items.map((entry) => [entry.name, entry]));
}

/** The settings as rows, in the catalogue's order, what it does not know last. */
export function rowsOf(settings: Settings, catalogue: Catalogue, protocol: Protocol | undefined): SettingRow[] {
  const order = [...catalogue.keys()];
  const place = (name: string): number => (catalogue.has(name) ? order.indexOf(name) : order.length);
  return Object.entries(settings)
    .map(([name, value]) => {
      const entry = catalogue.get(name);
      return { name, value, entry, input: inputOf(name, value, entry), mark: markOf(entry, protocol) };
    })
    .sort((one, other) => place(one.name) - place(other.name) || one.name.localeCompare(other.name));
}

function inputOf(name: string, value: unknown, entry: SettingEntry | undefined): Input {
  if (value === null) return 'removed';
  if (isKept(value) || outsideOf(value) || (entry ? entry.secret : SECRET_WORDS.test(name))) return 'secret';
  if (isMap(value) || Array.isArray(value)) return 'structure';
  if (entry && isLong(entry)) return 'multiline';
  if (entry) return entry.type === 'boolean' || entry.type === 'integer' || entry.type === 'choice' ? entry.type : 'text';
  return typeof value === 'boolean' ? 'boolean' : String(value).includes('\n') ? 'multiline' : 'text';
}

/** Whether a text has several lines: a command, a key, lines of known_hosts. */
export function isLong(entry: SettingEntry): boolean {
  return entry.type === 'multiline' || /\blines of\b|BEGIN line/.test(entry.expected);
}

function markOf(entry: SettingEntry | undefined, protocol: Protocol | undefined): Mark | undefined {
  if (!entry) return 'unknown';
  if (protocol && !entry.protocols.includes(protocol)) return 'other_protocol';
  return entry.support === 'honoured' ? undefined : entry.support;
}

export type Group = { name: string; entries: SettingEntry[] };

/** What can be added: settings of the protocol that are not there yet, those that do something first in their groups. */
export function offers(catalogue: Catalogue, settings: Settings, protocol: Protocol | undefined, typed: string): Group[] {
  const wanted = typed.trim().toLowerCase();
  const groups = new Map<string, SettingEntry[]>();
  for (const entry of catalogue.values()) {
    if (Object.hasOwn(settings, entry.name)) continue;
    if (protocol && !entry.protocols.includes(protocol)) continue;
    const found = entry.name.includes(wanted) || entry.help.toLowerCase().includes(wanted);
    if (wanted !== '' && !found) continue;
    if (wanted === '' && entry.support === 'ignored') continue;
    groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  }
  const rank = (entry: SettingEntry): number =>
    (entry.name.startsWith(wanted) ? 0 : entry.name.includes(wanted) ? 1 : 2) + (entry.support === 'honoured' ? 0 : 4);
  const sorted = [...groups].map(([name, entries]) => ({
    name,
    entries: entries.toSorted((one, other) => rank(one) - rank(other)),
  }));
  if (wanted === '') return sorted;
  const best = (group: Group): number => Math.min(...group.entries.map(rank));
  return sorted.toSorted((one, other) => best(one) - best(other));
}

/** What a setting holds when it has just been added. */
export function firstValue(entry: SettingEntry | undefined): unknown {
  if (!entry) return '';
  if (entry.type === 'boolean') return entry.default !== 'true';
  if (entry.type === 'choice') return entry.default ?? entry.values[0] ?? '';
  if (entry.type === 'integer') return entry.default === null || entry.default === undefined ? '' : Number(entry.default);
  return '';
}

/** A value that was typed: a number where numbers belong, as far as it is one. */
export function typedValue(entry: SettingEntry | undefined, text: string): unknown {
  if (entry?.type !== 'integer') return text;
  return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text;
}

/** `true`, `"true"`, `"yes"` and the like, as the server reads them. */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(true|yes|on)$/i.test(value));
}

/** What is wrong with a value, as far as that can be said before it is written. */
export function wrongWith(entry: SettingEntry | undefined, value: unknown): string {
  if (!entry || value === '' || value === null || typeof value === 'object') return '';
  if (entry.type === 'integer') {
    const number = Number(value);
    if (!Number.isInteger(number)) return 'A whole number is wanted.';
    if (typeof entry.minimum === 'number' && number < entry.minimum) return `At least ${entry.minimum}.`;
    if (typeof entry.maximum === 'number' && number > entry.maximum) return `At most ${entry.maximum}.`;
  }
  if (entry.type === 'choice' && !entry.values.includes(String(value))) return `One of ${entry.values.join(', ')}.`;
  return '';
}
