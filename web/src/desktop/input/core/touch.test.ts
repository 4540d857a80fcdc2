import { describe, expect, it } from 'vitest';

import { LEFT, RIGHT } from './pointer';
import { LONG_PRESS_MS, Touch } from './touch';

/** Plays a gesture; what came out in words. */
function gesture(play: (touch: Touch) => void): string[] {
  const touch = new Touch();
  play(touch);
  const words: string[] = [];
  for (let each = touch.pollOutput(); each; each = touch.pollOutput()) {
    if (each.is === 'buttons') words.push(`${each.buttons} at ${each.at.x},${each.at.y}`);
    else if (each.is === 'move') words.push(`to ${each.at.x},${each.at.y}`);
    else if (each.is === 'scroll') words.push(`scroll ${each.by.x},${each.by.y}`);
    else if (each.is === 'zoom') words.push(`zoom ${each.factor.toFixed(2)}`);
    else words.push(each.is);
  }
  return words;
}

const at = (x: number, y: number): { x: number; y: number } => ({ x, y });

describe('one finger', () => {
  it('taps: a click where it landed', () => {
    const words = gesture((touch) => {
      touch.handleDown(1, at(10, 20), 0);
      touch.handleMove(1, at(13, 22));
      touch.handleUp(1);
    });
    expect(words).toEqual([`${LEFT} at 10,20`, '0 at 10,20']);
  });

  it('drags from where it landed', () => {
    const words = gesture((touch) => {
      touch.handleDown(1, at(10, 10), 0);
      touch.handleMove(1, at(30, 10));
      touch.handleMove(1, at(50, 10));
      touch.handleTimeout(LONG_PRESS_MS);
      touch.handleUp(1);
    });
    expect(words).toEqual([`${LEFT} at 10,10`, 'to 30,10', 'to 50,10', '0 at 50,10']);
  });

  it('stays: the right button, until it leaves', () => {
    const words = gesture((touch) => {
      touch.handleDown(1, at(10, 10), 0);
      expect(touch.nextTimeout()).toBe(LONG_PRESS_MS);
      touch.handleTimeout(LONG_PRESS_MS - 1);
      touch.handleTimeout(LONG_PRESS_MS);
      touch.handleMove(1, at(40, 10));
      touch.handleUp(1);
    });
    expect(words).toEqual([`${RIGHT} at 10,10`, 'felt', 'to 40,10', '0 at 40,10']);
  });

  it('lifts the button when the system takes it', () => {
    const words = gesture((touch) => {
      touch.handleDown(1, at(10, 10), 0);
      touch.handleMove(1, at(40, 10));
      touch.handleCancel(1);
      touch.handleUp(1);
    });
    expect(words.at(-1)).toBe('0 at 40,10');
  });

  it('that was cancelled before it did anything does nothing', () => {
    expect(gesture((touch) => {
      touch.handleDown(1, at(10, 10), 0);
      touch.handleCancel(1);
    })).toEqual([]);
  });
});

describe('two fingers', () => {
  const pair = (touch: Touch): void => {
    touch.handleDown(1, at(100, 100), 0);
    touch.handleDown(2, at(200, 100), 20);
  };

  it('tap: a right click between them', () => {
    const words = gesture((touch) => {
      pair(touch);
      touch.handleUp(1);
      touch.handleUp(2);
    });
    expect(words).toEqual([`${RIGHT} at 150,100`, '0 at 150,100']);
  });

  it('go the same way: the wheel', () => {
    const words = gesture((touch) => {
      pair(touch);
      touch.handleMove(1, at(100, 130));
      touch.handleMove(2, at(200, 130));
      touch.handleMove(1, at(100, 150));
      touch.handleUp(1);
      touch.handleUp(2);
    });
    expect(words).toEqual(['scroll 0,15', 'scroll 0,15', 'scroll 0,10']);
  });

  it('spread: the view grows, and no button is pressed', () => {
    const words = gesture((touch) => {
      pair(touch);
      touch.handleMove(1, at(50, 100));
      touch.handleMove(2, at(300, 100));
      touch.handleUp(2);
      touch.handleMove(1, at(20, 100));
      touch.handleUp(1);
    });
    expect(words).toEqual(['zoom 1.50', 'zoom 1.67']);
  });

  it('end what the first one dragged', () => {
    const words = gesture((touch) => {
      touch.handleDown(1, at(10, 10), 0);
      touch.handleMove(1, at(60, 10));
      touch.handleDown(2, at(200, 10), 50);
      touch.handleMove(1, at(90, 10));
      touch.handleUp(1);
      touch.handleUp(2);
    });
    expect(words).toEqual([`${LEFT} at 10,10`, 'to 60,10', '0 at 60,10']);
  });

  it('and a third one mean nothing', () => {
    const words = gesture((touch) => {
      pair(touch);
      touch.handleDown(3, at(300, 100), 40);
      touch.handleUp(3);
      touch.handleUp(2);
      touch.handleUp(1);
    });
    expect(words).toEqual([]);
  });
});
