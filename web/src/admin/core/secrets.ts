/**
 * Secrets as readers see them: a mask that, written back, keeps what is
 * stored; and references to secrets that are kept elsewhere.
 */

import { isMap } from './diff';

const KEY = '$secret';

/** Key of a reference: `{"secret": "env:NAME"}`. */
const REFERENCE_KEY = 'secret';

/** What stands for a secret that is stored; written back it stays as it is. */
export const KEPT = Object.freeze({ [KEY]: 'set' });

/** Where a secret may be kept outside, and what its place is called there. */
export const OUTSIDE = {
  env: { label: 'Environment variable', placeholder: 'WEB_01_PASSWORD' },
  file: { label: 'File', placeholder: 'web-01/password' },
  'aws-secretsmanager': { label: 'AWS Secrets Manager', placeholder: 'prod/web-01#password' },
  'aws-ssm': { label: 'AWS parameter store', placeholder: '/prod/web-01/password' },
} as const;

export type OutsideKind = keyof typeof OUTSIDE;

export function isKept(value: unknown): boolean {
  return isMap(value) && Object.keys(value).length === 1 && value[KEY] === 'set';
}

/** Where an outside secret is; undefined for a value that is none. */
export function outsideOf(value: unknown): { kind: OutsideKind; place: string } | undefined {
  if (!isMap(value) || Object.keys(value).length !== 1) return undefined;
  const reference = value[REFERENCE_KEY];
  const [, kind, place] = (typeof reference === 'string' && /^([a-z-]+):(.*)$/s.exec(reference)) || [];
  if (kind === undefined || place === undefined || !Object.hasOwn(OUTSIDE, kind)) return undefined;
  return { kind: kind as OutsideKind, place };
}

export function outside(kind: OutsideKind, place: string): Record<string, unknown> {
  return { [REFERENCE_KEY]: `${kind}:${place}` };
}

/** A copy without the secrets that only the original can keep, and their names. */
export function withoutKept<Document>(document: Document): { document: Document; left: string[] } {
  const left: string[] = [];
  const copy = (value: unknown, at: string): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => copy(item, `${at}.${index}`));
    if (!isMap(value)) return value;
    const kept: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(value)) {
      const path = at === '' ? name : `${at}.${name}`;
      if (isKept(inner)) left.push(path);
      else kept[name] = copy(inner, path);
    }
    return kept;
  };
  return { document: copy(document, '') as Document, left };
}
