/**
 * One call of the API, typed by its description: a path, a method or an
 * answer that the server does not have is an error of the compiler.
 */

import type { paths } from './generated/schema';
import { ApiError, readProblem, UNREACHABLE } from './problem';

type Method = 'get' | 'post' | 'delete';

/** What a call answers; undefined when it has no body. */
type Answer<Path extends keyof paths, M extends Method> = paths[Path] extends Record<
  M,
  { responses: { 200: { content: { 'application/json': infer Body } } } }
>
  ? Body
  : undefined;

type Extras = {
  /** Values for the names in braces. */
  names?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
};

/** No call may keep a person waiting for longer, ms. */
const CALL_TIMEOUT_MS = 15_000;

/** The session cookie rides along by itself. Fails with an `ApiError`. */
export async function call<Path extends keyof paths, M extends Method>(
  method: M,
  path: Path,
  { names = {}, query = {}, body }: Extras = {},
): Promise<Answer<Path, M>> {
  const response = await send(method, addressOf(path, names, query), body);
  if (!response.ok) throw await readProblem(response);
  const empty = response.status === 204;
  return (empty ? undefined : await readBody(response)) as Answer<Path, M>;
}

async function send(method: Method, address: string, body: unknown): Promise<Response> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  try {
    return await fetch(address, {
      method: method.toUpperCase(),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      headers: { accept: 'application/json', ...type },
      ...sent,
    });
  } catch {
    throw new ApiError(0, UNREACHABLE, '');
  }
}

async function readBody(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new ApiError(0, UNREACHABLE, '');
  }
}

function addressOf(
  path: string,
  names: Record<string, string>,
  query: Record<string, string>,
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''));
  const search = new URLSearchParams(query).toString();
  return search === '' ? filled : `${filled}?${search}`;
}
