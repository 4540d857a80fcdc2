import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { GIVES, vocabularyOf } from '../src/admin/expression/vocabulary';

const docs = readFileSync(new URL('../../docs/expressions.md', import.meta.url), 'utf8');

it('offers only what the language has, as its documentation writes it', () => {
  for (const purpose of Object.keys(GIVES) as (keyof typeof GIVES)[]) {
    for (const { words } of vocabularyOf(purpose)) {
      for (const { insert } of words) {
        const [name = '', called] = /^([a-z_.]+)(\()?/i.exec(insert)?.slice(1) ?? [];
        const plain = insert === name ? `\`${name}\`` : called ? `${name.split('.').at(-1)}(` : name;
        expect(docs, `${purpose}: ${insert}`).toContain(plain);
      }
    }
  }
});
