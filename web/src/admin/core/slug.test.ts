import { expect, it } from 'vitest';

import { slugOf } from './slug';

it('makes a slug of any name', () => {
  const check = (name: string, slug: string) => expect(slugOf(name)).toBe(slug);
  check('Office desktops', 'office-desktops');
  check('  Büro & Straße 7 ', 'buro-strasse-7');
  check('🧪', '');
  check('x'.repeat(63) + ' y', 'x'.repeat(63));
});
