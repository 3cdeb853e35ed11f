// What the examples of both playgrounds begin with: the OpenAPI document, and a row of each resource that is really there.

/** Read JSON; undefined where none comes: an example does without. */
export async function read(address, options) {
  try {
    const answer = await fetch(address, options);
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}

/** The first row of a resource; undefined where there is none, or where nobody may look without a credential. */
export async function firstRow(console, resource) {
  if (console.asksWho) return undefined;
  const page = await read(`${console.prefix}${console.api}/${resource.path}?limit=1`);
  return page?.items?.[0];
}

/** The path of a resource's rows in the OpenAPI document, and what is at it. */
export function itemOf(console, openapi, resource) {
  const beneath = `${console.api}/${resource.path}/{`;
  return Object.entries(openapi?.paths ?? {}).find(([path]) => path.startsWith(beneath)) ?? [undefined, {}];
}
