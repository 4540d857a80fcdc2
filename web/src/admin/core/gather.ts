/** A page of rows out of the API's pages, which may be short where much is filtered away. */

export type Part<Item> = { items: Item[]; next?: string | null };
export type Gathered<Item> = {
  items: Item[];
  next: string | undefined;
  /** There was more to look through than one page of rows may ask for. */
  cut: boolean;
};

/** Calls that one page of rows may take. */
export const CALLS_MAX = 8;

/** Reads on until `wanted` items are there, the list ends, or the calls are used up. */
export async function gather<Item>(
  read: (cursor: string | undefined) => Promise<Part<Item>>,
  from: string | undefined,
  wanted: number,
): Promise<Gathered<Item>> {
  const items: Item[] = [];
  let cursor = from;
  for (let call = 0; call < CALLS_MAX; call += 1) {
    const { items: more, next } = await read(cursor);
    items.push(...more);
    cursor = typeof next === 'string' ? next : undefined;
    if (cursor === undefined) return { items, next: undefined, cut: false };
    if (items.length >= wanted) return { items, next: cursor, cut: false };
  }
  return { items, next: cursor, cut: items.length === 0 };
}
