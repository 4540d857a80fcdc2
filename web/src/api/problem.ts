/** What can go wrong with a call: problem details (RFC 9457), or no answer at all. */

/** What is wrong with one field: its name with dots between levels, and a sentence. */
export type FieldProblem = { field: string; code: string; message: string };

export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    /** Stable, snake_case. */
    readonly code: string,
    /** A sentence for the person. */
    readonly detail: string,
    /** How long to wait before the next try, in seconds, if the server said. */
    readonly retryAfterS?: number,
    /** The fields concerned, for a document that was refused. */
    readonly errors: readonly FieldProblem[] = [],
    /** The caller's own connections that stand in the way. */
    readonly connections: readonly string[] = [],
  ) {
    super(code);
  }
}

export const UNREACHABLE = 'unreachable';

/** Reads the problem that an answer carries; never throws. */
export async function readProblem(response: Response): Promise<ApiError> {
  const body = await readJson(response);
  const code = text(body.code) ?? `http_${response.status}`;
  const detail = text(body.detail) ?? text(body.title) ?? 'The server refused without saying why.';
  const retryAfter = Number(response.headers.get('retry-after') ?? body.retry_after_s);
  const known = Number.isFinite(retryAfter) && retryAfter > 0;
  const wait = known ? retryAfter : undefined;
  return new ApiError(response.status, code, detail, wait, fieldsOf(body.errors), textsOf(body.connections));
}

function textsOf(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
}

function fieldsOf(errors: unknown): FieldProblem[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((each: unknown) => {
    const { field, code, message } = (each ?? {}) as Record<string, unknown>;
    return typeof field === 'string' ? [{ field, code: text(code) ?? '', message: text(message) ?? 'is wrong' }] : [];
  });
}

/** What went wrong, as one sentence for a person. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Something went wrong on this page.';
  if (error.code === UNREACHABLE) return 'Causeway does not answer. Check your network.';
  return asSentence(error.detail);
}

/** Gives words a capital and a full stop; a name at their begin stays as it is. */
export function asSentence(detail: string): string {
  const plain = detail.trim();
  if (plain === '') return '';
  const isWord = /^[a-z]+(['’][a-z]+)?\s/.test(plain);
  const begun = isWord ? plain.charAt(0).toUpperCase() + plain.slice(1) : plain;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

async function readJson(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
