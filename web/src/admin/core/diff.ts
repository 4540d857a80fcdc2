/** Three versions of a document: what was read, what I made of it, what somebody else made of it. */

type Map = Record<string, unknown>;

export type Change = {
  /** The field, with dots between levels. */
  field: string;
  before: unknown;
  mine: unknown;
  theirs: unknown;
  /** Both changed it, and not to the same. */
  clash: boolean;
};

/** Every field that somebody changed. */
export function changes(before: unknown, mine: unknown, theirs: unknown, at = ''): Change[] {
  if (isMap(before) && isMap(mine) && isMap(theirs)) {
    const names = new Set([...Object.keys(before), ...Object.keys(mine), ...Object.keys(theirs)]);
    return [...names].flatMap((name) =>
      changes(before[name], mine[name], theirs[name], at === '' ? name : `${at}.${name}`),
    );
  }
  const changedByMe = !same(before, mine);
  const changedByThem = !same(before, theirs);
  if (!changedByMe && !changedByThem) return [];
  const clash = changedByMe && changedByThem && !same(mine, theirs);
  return [{ field: at, before, mine, theirs, clash }];
}

/** Their document with what I changed on top of it. */
export function onTop<Spec>(before: Spec, mine: Spec, theirs: Spec): Spec {
  if (isMap(before) && isMap(mine) && isMap(theirs)) {
    const merged: Map = {};
    for (const name of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
      const value = onTop(before[name], mine[name], theirs[name]);
      if (value !== undefined) merged[name] = value;
    }
    return merged as Spec;
  }
  return same(before, mine) ? theirs : mine;
}

export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => same(item, other[index]));
  }
  if (!isMap(one) || !isMap(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => name in other && same(one[name], other[name]));
}

/** What stands at a field of a document; dots between levels, places of a list by their number. */
export function at(document: unknown, field: string): unknown {
  return field.split('.').reduce<unknown>((value, name) => {
    if (Array.isArray(value)) return value[Number(name)];
    return isMap(value) ? value[name] : undefined;
  }, document);
}

export function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in a few words, for a table of differences. */
export function words(value: unknown): string {
  if (value === undefined) return 'not there';
  if (value === null) return 'none';
  if (typeof value === 'string') return value === '' ? 'empty' : value;
  return JSON.stringify(value);
}
