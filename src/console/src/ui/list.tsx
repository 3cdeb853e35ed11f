// The rows of a resource: filtered, ordered, one page at a time. All of it stands in the address, as the parameters of REST.

import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type JsonObject, isObject } from '../json';
import { type Comparison, type Listing, queryOf, readListing } from '../listing';
import type { Resource } from '../openapi';
import { type Outcome, attempted, restOutcome } from '../outcome';
import { listRequest } from '../requests';
import { addressOf } from '../route';
import { send } from '../send';
import type { ViewProps } from './app';
import { Title, Told, shown } from './bits';
import { Spellings } from './spellings';

interface Rows {
  readonly items: readonly JsonObject[];
  readonly pageInfo: JsonObject;
}

export function ListView({ about, translate, resource, arrived, query }: ViewProps & { readonly query: string }): JSX.Element {
  const [rows, setRows] = useState<Rows | null>(null);
  const [trouble, setTrouble] = useState<Outcome | null>(null);
  const [turn, setTurn] = useState(0);
  const request = useMemo(() => listRequest(resource, query), [resource, query]);
  const listing = readListing(query, resource.filters.map((filter) => filter.field));

  useEffect(() => {
    const leaving = new AbortController();
    void attempted(send(request, leaving.signal).then(restOutcome)).then((outcome) => {
      if (leaving.signal.aborted) return;
      const page = outcome.kind === 'written' ? outcome.row : null;
      setTrouble(page === null ? outcome : null);
      setRows(page === null ? null : { items: (page.items as readonly JsonObject[]).filter(isObject), pageInfo: page.pageInfo as JsonObject });
    });
    return () => leaving.abort();
  }, [request, turn]);

  const go = (next: Listing): void => {
    location.hash = addressOf({ at: 'list', path: resource.path, query: queryOf(next) });
  };
  const cursor = (name: 'endCursor' | 'startCursor'): string => String(rows?.pageInfo[name] ?? '');
  return (
    <>
      <header class="view-head">
        <div>
          <Title arrived={arrived}>{resource.name}</Title>
          <p class="about">{resource.about}</p>
        </div>
        <a class="button primary" href={addressOf({ at: 'new', path: resource.path })}>
          New {resource.name}
        </a>
      </header>
      <FilterForm key={query} resource={resource} listing={listing} onApply={go} />
      <Told outcome={trouble} prefix={about.prefix} />
      {rows !== null && (
        <Table resource={resource} rows={rows.items} order={listing.order} onOrder={(order) => go({ ...listing, order, after: '', before: '' })} />
      )}
      {rows !== null && (
        <nav class="pager" aria-label="Pages">
          <button
            type="button"
            disabled={rows.pageInfo.hasPreviousPage !== true}
            onClick={() => go({ ...listing, after: '', before: cursor('startCursor') })}
          >
            Previous
          </button>
          <button type="button" disabled={rows.pageInfo.hasNextPage !== true} onClick={() => go({ ...listing, before: '', after: cursor('endCursor') })}>
            Next
          </button>
          <span class="soft" role="status">
            {rows.items.length === 1 ? '1 row' : `${rows.items.length} rows`}
          </span>
          <span class="grow" />
          <button type="button" class="quiet" onClick={() => setTurn(turn + 1)}>
            Read again
          </button>
        </nav>
      )}
      <Spellings about={about} translate={translate} source={{ request }} onRun={() => setTurn(turn + 1)} />
    </>
  );
}

interface FilterProps {
  readonly resource: Resource;
  readonly listing: Listing;
  readonly onApply: (listing: Listing) => void;
}

function FilterForm({ resource, listing, onApply }: FilterProps): JSX.Element {
  const first: Comparison = { field: resource.filters[0]?.field ?? '', operator: 'eq', value: '' };
  const [comparisons, setComparisons] = useState<readonly Comparison[]>(listing.comparisons.length > 0 ? listing.comparisons : [first]);
  const [order, setOrder] = useState(listing.order);
  const [limit, setLimit] = useState(listing.limit);
  const change = (at: number, part: Partial<Comparison>): void =>
    setComparisons(comparisons.map((one, index) => (index === at ? { ...one, ...part } : one)));
  const apply = (event: Event): void => {
    event.preventDefault();
    onApply({ ...listing, comparisons: comparisons.filter(({ value }) => value !== ''), order, limit, after: '', before: '' });
  };
  const operators = (field: string): readonly string[] => resource.filters.find((one) => one.field === field)?.operators ?? ['eq'];
  return (
    <form class="filters" aria-label="Filter and order" onSubmit={apply}>
      {comparisons.map((one, at) => (
        <fieldset key={at}>
          <legend class="hidden">Filter {at + 1}</legend>
          <select aria-label="Field" value={one.field} onChange={(event) => change(at, { field: event.currentTarget.value, operator: 'eq' })}>
            {resource.filters.map(({ field }) => (
              <option key={field}>{field}</option>
            ))}
          </select>
          <select aria-label="Operator" value={one.operator} onChange={(event) => change(at, { operator: event.currentTarget.value })}>
            {operators(one.field).map((operator) => (
              <option key={operator}>{operator}</option>
            ))}
          </select>
          <input aria-label="Value" type="text" value={one.value} placeholder="any" onInput={(event) => change(at, { value: event.currentTarget.value })} />
          {comparisons.length > 1 && (
            <button type="button" class="quiet" aria-label={`Remove filter ${at + 1}`} onClick={() => setComparisons(comparisons.filter((_, index) => index !== at))}>
              ✕
            </button>
          )}
        </fieldset>
      ))}
      <button type="button" class="quiet" onClick={() => setComparisons([...comparisons, first])}>
        Add filter
      </button>
      <span class="grow" />
      <label>
        Order{' '}
        <select value={order} onChange={(event) => setOrder(event.currentTarget.value)}>
          <option value="">{resource.key} (as usual)</option>
          {order !== '' && !resource.orders.includes(order) && <option>{order}</option>}
          {resource.orders.map((one) => (
            <option key={one} value={one}>
              {one.startsWith('-') ? `${one.slice(1)} ↓` : `${one} ↑`}
            </option>
          ))}
        </select>
      </label>
      <label>
        Rows{' '}
        <input type="number" min="1" max={resource.largestPage} placeholder="20" value={limit} onInput={(event) => setLimit(event.currentTarget.value)} />
      </label>
      <button type="submit" class="primary">
        Apply
      </button>
    </form>
  );
}

interface TableProps {
  readonly resource: Resource;
  readonly rows: readonly JsonObject[];
  readonly order: string;
  readonly onOrder: (order: string) => void;
}

function Table({ resource, rows, order, onOrder }: TableProps): JSX.Element {
  const [by = ''] = order.split(',');
  const sorted = (name: string): 'ascending' | 'descending' | 'none' => (by === name ? 'ascending' : by === `-${name}` ? 'descending' : 'none');
  return (
    <div class="wide" role="region" aria-label={`Rows of ${resource.name}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {resource.columns.map(({ name }) => (
              <th key={name} scope="col" aria-sort={sorted(name)}>
                {resource.orders.includes(name) ? (
                  <button type="button" class="sort" onClick={() => onOrder(sorted(name) === 'ascending' ? `-${name}` : name)}>
                    {name} <span aria-hidden="true">{{ ascending: '↑', descending: '↓', none: '↕' }[sorted(name)]}</span>
                  </button>
                ) : (
                  name
                )}
              </th>
            ))}
            <th scope="col">version</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={String(row[resource.key])}>
              {resource.columns.map(({ name }) =>
                name === resource.key ? (
                  <th key={name} scope="row">
                    <a href={addressOf({ at: 'row', path: resource.path, key: String(row[name]) })}>{shown(row[name])}</a>
                  </th>
                ) : (
                  <td key={name} class={row[name] === null ? 'soft' : ''}>
                    {shown(row[name])}
                  </td>
                ),
              )}
              <td class="number">{shown(row.version)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="empty">No row is like this.</p>}
    </div>
  );
}
