/** What a list is narrowed to, as it stands in the address and as the API is asked. */

export type Filters = Record<string, string>;

/** The filters of these names in a query; empty ones are none. */
export function readFilters(query: URLSearchParams, names: readonly string[]): Filters {
  const filters: Filters = {};
  for (const name of names) {
    const value = query.get(name)?.trim() ?? '';
    if (value !== '') filters[name] = value;
  }
  return filters;
}

/** The query with these filters in place of those of the same names; other names stay. */
export function writeFilters(query: URLSearchParams, filters: Filters, names: readonly string[]): URLSearchParams {
  const written = new URLSearchParams(query);
  for (const name of names) {
    const value = filters[name]?.trim() ?? '';
    if (value === '') written.delete(name);
    else written.set(name, value);
  }
  return written;
}

/** One filter changed; an empty value takes it away. */
export function withFilter(filters: Filters, name: string, value: string): Filters {
  const { [name]: _, ...others } = filters;
  return value.trim() === '' ? others : { ...others, [name]: value };
}

/** Whether two filters ask for the same. */
export function sameFilters(one: Filters, other: Filters): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}
