// A list's query string: filters, order, size and place, the very parameters of REST.

export interface Comparison {
  readonly field: string;
  readonly operator: string;
  readonly value: string;
}

export interface Listing {
  readonly comparisons: readonly Comparison[];
  /** `name`, `-name`; empty for the order of keys. */
  readonly order: string;
  readonly limit: string;
  readonly after: string;
  readonly before: string;
  /** Parameters of an address that the form does not know, kept as they are. */
  readonly others: readonly (readonly [string, string])[];
}

const OWN = new Set(['order', 'limit', 'after', 'before']);

export function readListing(query: string, fields: readonly string[]): Listing {
  const comparisons: Comparison[] = [];
  const others: [string, string][] = [];
  const own: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const found = /^(.+?)(?:\[(\w+)\])?$/.exec(name);
    const field = found?.[1] ?? name;
    if (found?.[2] === undefined && OWN.has(name)) own[name] = value;
    else if (fields.includes(field)) comparisons.push({ field, operator: found?.[2] ?? 'eq', value });
    else others.push([name, value]);
  }
  return { comparisons, order: own.order ?? '', limit: own.limit ?? '', after: own.after ?? '', before: own.before ?? '', others };
}

export function queryOf({ comparisons, order, limit, after, before, others }: Listing): string {
  const pairs: (readonly [string, string])[] = [
    ...comparisons.map(({ field, operator, value }) => [operator === 'eq' && !OWN.has(field) ? field : `${field}[${operator}]`, value] as const),
    ...others,
    ...Object.entries({ order, limit, after, before }).filter(([, value]) => value !== ''),
  ];
  // Brackets may stand in a query as they are, and are easier to read so.
  return pairs.map(([name, value]) => `${readable(name)}=${readable(value)}`).join('&');
}

function readable(text: string): string {
  return encodeURIComponent(text).replace(/%(5B|5D|2C|3A|40)/g, (code) => decodeURIComponent(code));
}
