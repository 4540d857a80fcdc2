import { describe, expect, it } from 'vitest';

import type { PointerState } from '../../../protocol/desktop-messages';
import { buttonsOf, LEFT, MIDDLE, PointerCore, RIGHT } from './pointer';
import { Wheel, type WheelTurn } from './wheel';

function core(): { told: PointerState[]; pointer: PointerCore } {
  const told: PointerState[] = [];
  return { told, pointer: new PointerCore((state) => told.push(state)) };
}

describe('buttons', () => {
  it.each([
    [0, 0],
    [1, LEFT],
    [2, RIGHT],
    [4, MIDDLE],
    [8, 8],
    [16, 16],
    [1 | 2 | 4 | 8 | 16, 31],
    [32, 0],
  ])('of the browser %i are %i', (browser, wire) => {
    expect(buttonsOf(browser)).toBe(wire);
  });
});

describe('the pointer', () => {
  it('tells the first move at once and the rest of a frame as one', () => {
    const { told, pointer } = core();
    for (const x of [1, 2, 3]) pointer.handleMove({ x, y: 0 });
    expect(told.map(({ x }) => x)).toEqual([1]);
    expect(pointer.wantsFrame).toBe(true);
    pointer.handleFrame();
    expect(told.map(({ x }) => x)).toEqual([1, 3]);
    pointer.handleFrame();
    expect(pointer.wantsFrame).toBe(false);
    pointer.handleMove({ x: 3, y: 0 });
    expect(told).toHaveLength(2);
  });

  it('presses where the press was, after the way there', () => {
    const { told, pointer } = core();
    pointer.handleMove({ x: 1, y: 1 });
    pointer.handleMove({ x: 8, y: 8 });
    pointer.handleButtons({ x: 9, y: 9 }, LEFT);
    pointer.handleButtons({ x: 9, y: 9 }, 0);
    expect(told.map(({ x, buttons }) => [x, buttons])).toEqual([[1, 0], [8, 0], [9, LEFT], [9, 0]]);
  });

  it('lifts what is down when it is lost', () => {
    const { told, pointer } = core();
    pointer.handleButtons({ x: 5, y: 5 }, LEFT | RIGHT);
    pointer.handleRelease();
    pointer.handleRelease();
    expect(told.map(({ buttons }) => buttons)).toEqual([LEFT | RIGHT, 0]);
  });

  it('sums a frame’s wheel', () => {
    const { told, pointer } = core();
    for (let turn = 0; turn < 3; turn += 1) pointer.handleWheel({ x: 1, y: 1 }, { x: 0, y: 120 });
    pointer.handleWheel({ x: 1, y: 1 }, { x: 0, y: 0 });
    pointer.handleFrame();
    expect(told.map(({ wheelY }) => wheelY)).toEqual([120, 240]);
    pointer.handleFrame();
    expect(told).toHaveLength(2);
  });
});

describe('the wheel', () => {
  const turns = (step: number, list: Partial<WheelTurn>[]): number[] => {
    const wheel = new Wheel(step);
    return list.map((turn) => wheel.handleTurn({ deltaX: 0, deltaY: 0, deltaMode: 0, ...turn }).y);
  };

  it.each([
    ['a notch of Chromium on Windows', [{ deltaY: 100, wheelDeltaY: -120 }], [120]],
    ['a notch of Chromium on Linux', [{ deltaY: 120, wheelDeltaY: -120 }], [120]],
    ['a notch of Firefox', [{ deltaY: 3, deltaMode: 1 }], [120]],
    ['a page', [{ deltaY: -1, deltaMode: 2 }], [-120]],
    ['four touches of a trackpad', Array(4).fill({ deltaY: 25, wheelDeltaY: -75 }), [0, 0, 0, 120]],
    ['a line at a time', Array(3).fill({ deltaY: 1, deltaMode: 1 }), [0, 0, 120]],
    ['back again', [{ deltaY: 90 }, { deltaY: -100 }], [0, -120]],
    ['nonsense', [{ deltaY: NaN }, { deltaY: Infinity }], [0, 0]],
    ['too much', [{ deltaY: 1e9 }], [2400]],
  ] as [string, Partial<WheelTurn>[], number[]][])('takes whole notches of %s', (_name, list, told) => {
    expect(turns(120, list)).toEqual(told);
  });

  it('takes finer turns where the target knows them', () => {
    expect(turns(20, [{ deltaY: 10 }, { deltaY: 10 }, { deltaY: 30 }])).toEqual([0, 20, 40]);
  });

  it('turns both ways at once', () => {
    const wheel = new Wheel(120);
    expect(wheel.handleTurn({ deltaX: -100, deltaY: 100, deltaMode: 0 })).toEqual({ x: -120, y: 120 });
  });
});
