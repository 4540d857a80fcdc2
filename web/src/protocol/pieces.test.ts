import { describe, expect, it } from 'vitest';

import { PieceJoiner, piecesOf, utf8Length } from './pieces';

describe('pieces of a text', () => {
  it.each([
    ['', 4, ['']],
    ['abcd', 4, ['abcd']],
    ['abcde', 4, ['abcd', 'e']],
    ['aé', 2, ['a', 'é']],
    ['日本', 4, ['日', '本']],
    ['a👍b', 4, ['a', '👍', 'b']],
    ['\ud83d', 8, ['\ufffd']],
  ])('%j of at most %i bytes are %j', (text, bytesMax, pieces) => {
    expect(piecesOf(text, bytesMax)).toEqual(pieces);
  });

  it('join to the same text', () => {
    const text = 'Übergröße 日本語 👩‍🚀 '.repeat(5000);
    const joiner = new PieceJoiner(1e6);
    const pieces = piecesOf(text, 1000);
    expect(pieces.every((piece) => utf8Length(piece) <= 1000)).toBe(true);
    const joined = pieces.map((piece, at) => joiner.handlePiece(piece, at + 1 < pieces.length));
    expect(joined.at(-1)).toEqual({ is: 'text', text });
    expect(joined.slice(0, -1).every(({ is }) => is === 'more')).toBe(true);
  });

  it('of more than the limit are told of, and the next text is whole', () => {
    const joiner = new PieceJoiner(10);
    expect(joiner.handlePiece('123456', true)).toEqual({ is: 'more' });
    expect(joiner.handlePiece('123456', true)).toEqual({ is: 'more' });
    expect(joiner.handlePiece('7', false)).toEqual({ is: 'too_long' });
    expect(joiner.handlePiece('1234567890', false)).toEqual({ is: 'text', text: '1234567890' });
  });

  it('whose socket is gone are forgotten', () => {
    const joiner = new PieceJoiner(10);
    joiner.handlePiece('old', true);
    joiner.reset();
    expect(joiner.handlePiece('new', false)).toEqual({ is: 'text', text: 'new' });
  });
});
