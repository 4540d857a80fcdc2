/** The levels of settings in words, lowest first. */

import type { Explanation, SettingLevel } from '../api/answers';
import { isMap } from '../core/diff';
import { isKept, OUTSIDE, outsideOf } from '../core/secrets';

export const LEVELS: Record<SettingLevel, string> = {
  default: 'Default',
  provider: 'Provider',
  endpoint: 'Endpoint',
  connection: 'Flow',
  provider_mapping: 'Provider’s mapping',
  endpoint_mapping: 'Endpoint’s mapping',
};

type Row = { name: string; value: string; secret: boolean; level: SettingLevel; source: string };

/** Effective settings as rows by name. */
export function rowsOf(settings: Explanation['settings']): Row[] {
  return Object.entries(settings)
    .map(([name, { value, level, source }]) => ({
      name,
      ...shown(value),
      level,
      source: source ? source.name || source.kind.replaceAll('_', ' ') : '',
    }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

function shown(value: unknown): { value: string; secret: boolean } {
  if (isKept(value)) return { value: 'a secret, set', secret: true };
  const place = outsideOf(value);
  if (place) return { value: `${OUTSIDE[place.kind].label}: ${place.place}`, secret: true };
  if (isMap(value) || Array.isArray(value)) return { value: JSON.stringify(value), secret: false };
  return { value: String(value), secret: false };
}
