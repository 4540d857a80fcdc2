import { expect, it } from 'vitest';

import { luminance } from './colour';
import { themeFor } from './theme';

/** WCAG 2 contrast of two colours. */
function contrast(one: string | undefined, other: string | undefined): number {
  const [light = 0, dark = 0] = [one, other]
    .map((colour) => luminance(colour ?? '#000000'))
    .sort((first, second) => second - first);
  return (light + 0.05) / (dark + 0.05);
}

it('uses the endpoint’s scheme where it sets one', () => {
  expect(themeFor('black-white', 'dark')).toMatchObject({ foreground: '#000000', background: '#ffffff' });
  expect(themeFor('color200:red', 'dark').extendedAnsi?.[200 - 16]).toBe('#ff0000');
});

it.each(['dark', 'light'] as const)('has a readable %s scheme of its own', (shade) => {
  const theme = themeFor('', shade);
  expect(contrast(theme.foreground, theme.background)).toBeGreaterThan(7);
  for (const name of ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] as const) {
    expect(contrast(theme[name], theme.background), name).toBeGreaterThan(4.5);
  }
});
