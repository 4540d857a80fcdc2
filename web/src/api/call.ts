/**
 * One call of the API, typed by its description: a path, a method or an
 * answer that the server does not have is an error of the compiler.
 */

import type { paths } from './generated/schema';
import { ApiError, readProblem, UNREACHABLE } from './problem';

export type Method = 'get' | 'post' | 'put' | 'delete';

/** What a call answers; undefined when it has no body. */
export type Answer<Path extends keyof paths, M extends Method> = paths[Path] extends Record<
  M,
  { responses: { 200: { content: { 'application/json': infer Body } } } }
>
  ? Body
  : paths[Path] extends Record<M, { responses: { 201: { content: { 'application/json': infer Made } } } }>
    ? Made
    : undefined;

type Extras = {
  /** Values for the names in braces. */
  names?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  /** The version that is to be changed: another one there is a 412. */
  version?: number;
  /** The `traceparent` of what the call is a part of. */
  trace?: string | undefined;
};

/** No call may keep a person waiting for longer, ms. */
const CALL_TIMEOUT_MS = 15_000;

/** The session cookie rides along by itself. Fails with an `ApiError`. */
export async function call<Path extends keyof paths, M extends Method>(
  method: M,
  path: Path,
  extras: Extras = {},
): Promise<Answer<Path, M>> {
  return (await request(method, path, extras)) as Answer<Path, M>;
}

/** The same for a path that is put together at run time; the caller says what it answers. */
export async function request(method: Method, path: string, extras: Extras = {}): Promise<unknown> {
  const { names = {}, query = {} } = extras;
  const response = await send(method, addressOf(path, names, query), extras);
  if (!response.ok) throw await readProblem(response);
  return response.status === 204 ? undefined : readBody(response);
}

/** Asks for a file, which may take as long as it takes. Fails with an `ApiError`. */
export async function download(address: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: 'same-origin', cache: 'no-store' });
  } catch {
    throw new ApiError(0, UNREACHABLE, '');
  }
  if (!response.ok) throw await readProblem(response);
  return response;
}

async function send(method: Method, address: string, { body, version, trace }: Extras): Promise<Response> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const match = version === undefined ? {} : { 'if-match': `"${version}"` };
  const part = trace === undefined ? {} : { traceparent: trace };
  try {
    return await fetch(address, {
      method: method.toUpperCase(),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      headers: { accept: 'application/json', ...type, ...match, ...part },
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
