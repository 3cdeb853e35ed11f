// Where in the console one is, as the fragment of the address: it can be linked to, and following it reads and never writes.

export type Route =
  | { readonly at: 'list'; readonly path: string; readonly query: string }
  | { readonly at: 'new'; readonly path: string }
  | { readonly at: 'row'; readonly path: string; readonly key: string }
  | { readonly at: 'theatre'; readonly path: string; readonly key: string }
  /** Something written down, to be looked at and perhaps run. */
  | { readonly at: 'bench'; readonly text: string; readonly variables: string }
  | { readonly at: 'start' };

// Segments that no key is mistaken for: a key is always behind `row` or `theatre`.
export function addressOf(route: Route): string {
  switch (route.at) {
    case 'list':
      return `#/${part(route.path)}${route.query === '' ? '' : `?${route.query}`}`;
    case 'new':
      return `#/${part(route.path)}/new`;
    case 'row':
    case 'theatre':
      return `#/${part(route.path)}/${route.at}/${part(route.key)}`;
    case 'bench': {
      const query = new URLSearchParams({ text: route.text, variables: route.variables });
      for (const name of ['text', 'variables']) if (query.get(name) === '') query.delete(name);
      return query.size === 0 ? '#/' : `#/?${query}`;
    }
    case 'start':
      return '#';
  }
}

export function readAddress(fragment: string): Route {
  const [path = '', query = ''] = split(fragment.replace(/^#/, ''));
  const [, first, second, third] = path.split('/');
  if (first === undefined) return { at: 'start' };
  if (first === '') {
    const asked = new URLSearchParams(query);
    return { at: 'bench', text: asked.get('text') ?? '', variables: asked.get('variables') ?? '' };
  }
  const resource = whole(first);
  if (second === 'new') return { at: 'new', path: resource };
  if ((second === 'row' || second === 'theatre') && third !== undefined) return { at: second, path: resource, key: whole(third) };
  return { at: 'list', path: resource, query };
}

function split(text: string): readonly string[] {
  const at = text.indexOf('?');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function part(text: string): string {
  return encodeURIComponent(text);
}

/** What somebody typed by hand may be no encoding at all. */
function whole(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
