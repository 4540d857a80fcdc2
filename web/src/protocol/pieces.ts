/** Texts in pieces that fit into messages, and pieces back into texts. */

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** How long `text` is in UTF-8, bytes. */
export function utf8Length(text: string): number {
  return ENCODER.encode(text).length;
}

/**
 * Cuts `text` into pieces of at most `bytesMax` bytes of UTF-8, never through
 * a character; an empty text is one empty piece. Half a surrogate pair
 * becomes U+FFFD, as no message can carry it.
 */
export function piecesOf(text: string, bytesMax: number): string[] {
  const bytes = ENCODER.encode(text);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(bytes.length, start + bytesMax);
    while (end < bytes.length && isContinuation(bytes[end])) end -= 1;
    pieces.push(DECODER.decode(bytes.subarray(start, end)));
    start = end;
  }
  return pieces.length > 0 ? pieces : [''];
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** What a piece led to: a whole text, one that was too long, or nothing yet. */
export type Joined = { is: 'text'; text: string } | { is: 'too_long' } | { is: 'more' };

/** Joins the pieces of one text after the other; holds no more than its limit. */
export class PieceJoiner {
  readonly #bytesMax: number;
  #pieces: string[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  handlePiece(piece: string, more: boolean): Joined {
    this.#bytes += utf8Length(piece);
    const fits = this.#bytes <= this.#bytesMax;
    if (fits) this.#pieces.push(piece);
    else this.#pieces = [];
    if (more) return { is: 'more' };
    const text = this.#pieces.join('');
    this.reset();
    return fits ? { is: 'text', text } : { is: 'too_long' };
  }

  /** What came so far goes on no more: its socket is gone. */
  reset(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }
}
