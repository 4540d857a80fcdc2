import { expect, it } from 'vitest';

import { CALLS_MAX, gather } from './gather';

/** A list of so many parts with so many items each. */
function parts(...sizes: number[]) {
  const asked: (string | undefined)[] = [];
  const read = (cursor: string | undefined) => {
    asked.push(cursor);
    const at = Number(cursor ?? 0);
    const next = at + 1 < sizes.length ? String(at + 1) : null;
    return Promise.resolve({ items: Array.from({ length: sizes[at] ?? 0 }, (_, index) => `${at}.${index}`), next });
  };
  return { read, asked };
}

it('asks once when one answer fills a page', async () => {
  const { read, asked } = parts(50, 50);
  expect(await gather(read, undefined, 50)).toMatchObject({ next: '1', cut: false });
  expect(asked).toEqual([undefined]);
});

it('reads on over short answers', async () => {
  const { read, asked } = parts(1, 0, 30, 30, 5);
  const { items, next } = await gather(read, undefined, 50);
  expect(items).toHaveLength(61);
  expect(next).toBe('4');
  expect(asked).toHaveLength(4);
});

it('begins where it is told and ends with the list', async () => {
  const { read } = parts(50, 50, 7);
  expect(await gather(read, '2', 50)).toEqual({ items: expect.any(Array), next: undefined, cut: false });
});

it('says when nothing was found within its calls', async () => {
  const { read, asked } = parts(...Array.from({ length: 100 }, () => 0));
  expect(await gather(read, undefined, 50)).toMatchObject({ items: [], cut: true, next: String(CALLS_MAX) });
  expect(asked).toHaveLength(CALLS_MAX);
});
