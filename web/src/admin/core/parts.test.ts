import { expect, it } from 'vitest';

import { gatherParts, nextPart } from './parts';

it('finds the part that follows, of this server alone', () => {
  const next = '/api/v1/admin/events/export?actor=ada&cursor=abc';
  expect(nextPart(`<${next}>; rel="next"`)).toBe(next);
  expect(nextPart(null)).toBeUndefined();
  expect(nextPart(`<${next}>; rel="prev"`)).toBeUndefined();
  for (const elsewhere of ['https://elsewhere.example/api/v1/x', '//elsewhere.example/api/v1/x']) {
    expect(() => nextPart(`<${elsewhere}>; rel="next"`)).toThrow('not at this server');
  }
});

it('reads every part once and in order', async () => {
  const texts = ['1\n2\n', '', '3\n'];
  const asked: string[] = [];
  const read = (address: string) => {
    asked.push(address);
    const at = Number(address.split('=')[1]);
    const link = at + 1 < texts.length ? { link: `</api/v1/part?at=${at + 1}>; rel="next"` } : undefined;
    return Promise.resolve(new Response(texts[at], link && { headers: link }));
  };
  const whole = await gatherParts('/api/v1/part?at=0', read);
  expect(await whole.text()).toBe('1\n2\n3\n');
  expect(asked).toHaveLength(3);
});

it('gives nothing when a part fails', async () => {
  let left = 1;
  const read = () => {
    left -= 1;
    if (left < 0) return Promise.reject(new Error('gone'));
    return Promise.resolve(new Response('1\n', { headers: { link: '</api/v1/part>; rel="next"' } }));
  };
  await expect(gatherParts('/api/v1/part', read)).rejects.toThrow('gone');
});
