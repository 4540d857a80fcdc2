import { expect, it } from 'vitest';

import { readFilters, sameFilters, withFilter, writeFilters } from './filters';

const NAMES = ['search', 'provider'];

it('reads its own names and leaves empty ones out', () => {
  const query = new URLSearchParams('search=web&provider=&tab=x');
  expect(readFilters(query, NAMES)).toEqual({ search: 'web' });
});

it('writes over what was there and keeps the rest', () => {
  const query = new URLSearchParams('search=web&provider=p-1&tab=x');
  expect(writeFilters(query, { search: 'db 1' }, NAMES).toString()).toBe('search=db+1&tab=x');
});

it('comes back from an address as it went in', () => {
  const filters = { search: 'a&b=c', provider: 'größe' };
  const text = writeFilters(new URLSearchParams(), filters, NAMES).toString();
  expect(readFilters(new URLSearchParams(text), NAMES)).toEqual(filters);
});

it('changes one filter at a time', () => {
  expect(withFilter({ search: 'a', provider: 'p' }, 'search', ' ')).toEqual({ provider: 'p' });
  expect(sameFilters({ a: '1' }, withFilter({}, 'a', '1'))).toBe(true);
  expect(sameFilters({ a: '1' }, {})).toBe(false);
});
