/**
 * An export that comes in parts: each names the address of the next in its
 * header `Link` (RFC 8288) until the last, which names none.
 */

/** Parts of one file at most: each may hold as little as a few thousand searched events. */
export const PARTS_MAX = 10_000;

/**
 * The part that follows, or undefined behind the last. Only addresses of this server's API are
 * followed; any other is an error, as the file would not be whole.
 */
export function nextPart(link: string | null): string | undefined {
  const found = /<([^>]*)>\s*;\s*rel="next"/.exec(link ?? '')?.[1];
  if (found !== undefined && !found.startsWith('/api/v1/')) {
    throw new Error('the next part is not at this server');
  }
  return found;
}

/** Reads all parts, in order, into one file. Fails rather than to give a part of it. */
export async function gatherParts(
  first: string,
  read: (address: string) => Promise<Response>,
): Promise<Blob> {
  const parts: Blob[] = [];
  let address: string | undefined = first;
  while (address !== undefined) {
    if (parts.length === PARTS_MAX) throw new Error(`more than ${PARTS_MAX} parts`);
    const answer = await read(address);
    parts.push(await answer.blob());
    address = nextPart(answer.headers.get('link'));
  }
  return new Blob(parts, { type: 'application/x-ndjson' });
}
