// One write through either door. The words of the GraphQL door come from the translator, like those that are shown.

import type { About } from './page';
import type { Resource } from './openapi';
import { type Outcome, attempted, graphqlOutcome, restOutcome } from './outcome';
import { type HttpRequest, asText, fetchRequest } from './requests';
import { type Reply, send, sendOperation } from './send';
import type { Translator } from './translate';

export type Door = 'REST' | 'GraphQL';

export interface Saved {
  readonly outcome: Outcome;
  /** As it came; null where no answer did, or nothing could be asked. */
  readonly reply: Reply | null;
}

export async function save(door: Door, request: HttpRequest, resource: Resource, about: About, translate: Translator): Promise<Saved> {
  let reply: Reply | null = null;
  const through = async (): Promise<Outcome> => {
    if (door === 'REST') {
      reply = await send(request);
      return restOutcome(reply);
    }
    const { graphql, error } = await translate(asText(request));
    if (graphql === null) return { kind: 'failed', detail: error ?? 'GraphQL has no operation for this.' };
    reply = await sendOperation(about.graphql, graphql);
    return inRest(graphqlOutcome(reply, resource.singular), resource);
  };
  const outcome = await attempted(through());
  return { outcome, reply };
}

/**
 * The same outcome with its row in REST's words: GraphQL has keys, references and enums in its own, and forms are filled in with REST's.
 * A row that cannot be read once more stays as it came.
 */
async function inRest(outcome: Outcome, resource: Resource): Promise<Outcome> {
  const row = outcome.kind === 'written' ? outcome.row : outcome.kind === 'refused' ? outcome.current : null;
  if (row === null) return outcome;
  const again = restOutcome(await send(fetchRequest(resource, String(row[resource.key]))));
  if (again.kind !== 'written') return outcome;
  return outcome.kind === 'written' ? { ...outcome, row: again.row } : outcome.kind === 'refused' ? { ...outcome, current: again.row } : outcome;
}
