import { expect, it } from 'vitest';

import { moved, newField, newStage, STAGES, summary } from './stages';

it('makes a new stage of every type', () => {
  for (const { type } of STAGES) {
    const stage = newStage(type, []);
    expect(stage).toMatchObject({ type, name: type, policy_engine_mode: 'any' });
    expect(stage.id).toBeUndefined();
    expect(typeof summary(stage)).toBe('string');
  }
});

it('gives names that are free', () => {
  const first = newStage('deny', []);
  const second = newStage('deny', [first]);
  expect(second.name).toBe('deny-2');
  expect(newStage('deny', [first, second]).name).toBe('deny-3');
  expect(newField([newField([])]).name).toBe('answer');
});

it('moves within the list only', () => {
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
  expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
  expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
});
