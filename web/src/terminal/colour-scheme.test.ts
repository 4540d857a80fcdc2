import { describe, expect, it } from 'vitest';

import { luminance, parseColour } from './colour';
import { parseColourScheme } from './colour-scheme';

describe('a colour', () => {
  it.each([
    ['rgb:f/8/0', '#f08000'],
    ['rgb:FF/80/00', '#ff8000'],
    ['rgb:fff/800/000', '#ff8000'],
    ['rgb:ffff/8000/0000', '#ff8000'],
    ['#fa0', '#ffaa00'],
    ['#FFAA00', '#ffaa00'],
    ['#ffffaaaa0000', '#ffaa00'],
    ['red', '#ff0000'],
    ['Dark Slate Gray', '#2f4f4f'],
    ['SteelBlue3', '#4f94cd'],
    ['gray50', '#7f7f7f'],
    ['grey100', '#ffffff'],
    [' black ', '#000000'],
  ])('%s is %s', (text, colour) => {
    expect(parseColour(text)).toBe(colour);
  });

  it.each(['', 'rgb:ff/ff', 'rgb:gg/00/00', 'rgb:fffff/0/0', '#ff', '#fffff', 'gray101', 'no such colour'])(
    '%j is none',
    (text) => {
      expect(parseColour(text)).toBeUndefined();
    },
  );

  it('has a luminance', () => {
    expect(luminance('#000000')).toBe(0);
    expect(luminance('#ffffff')).toBeCloseTo(1);
  });
});

describe('a colour scheme', () => {
  it.each([
    ['gray-black', '#999999', '#000000'],
    ['black-white', '#000000', '#ffffff'],
    ['green-black', '#3e993e', '#000000'],
    ['white-black', '#ffffff', '#000000'],
    ['', '#999999', '#000000'],
  ])('%j is %s on %s', (text, foreground, background) => {
    expect(parseColourScheme(text)).toMatchObject({ scheme: { foreground, background }, problems: [] });
  });

  it('can be written out', () => {
    const { scheme, problems } = parseColourScheme(
      'background: rgb:10/20/30; foreground: color9; color0: navy; color255:#abc; ;',
    );
    expect(problems).toEqual([]);
    expect(scheme).toMatchObject({ background: '#102030', foreground: '#ff6767' });
    expect(scheme.palette[0]).toBe('#000080');
    expect(scheme.palette[255]).toBe('#aabbcc');
    expect(scheme.palette).toHaveLength(256);
  });

  it('leaves out what cannot be read, and says what that was', () => {
    const { scheme, problems } = parseColourScheme('foreground:red;backgrund:blue;color256:red;color1;color2:x');
    expect(scheme.foreground).toBe('#ff0000');
    expect(problems).toEqual(['backgrund:blue', 'color256:red', 'color1', 'color2:x']);
  });

  it('has the cube and the grays of xterm', () => {
    const { palette } = parseColourScheme('').scheme;
    expect([palette[16], palette[21], palette[196], palette[231], palette[232], palette[255]]).toEqual([
      '#000000', '#0000ff', '#ff0000', '#ffffff', '#080808', '#eeeeee',
    ]);
  });
});
