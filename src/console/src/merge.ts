// The merge of two changes that began with one state of a row.

import { type Json, type JsonObject, same } from './json';

export interface Difference {
  readonly name: string;
  readonly base: Json | undefined;
  readonly mine: Json | undefined;
  readonly theirs: Json | undefined;
  /** Who has changed the field: where both have, and not to the same, somebody must choose. */
  readonly by: 'me' | 'them' | 'both';
}

/** The fields of `names` that differ from what both began with, apart from those that both made the same. */
export function differences(names: readonly string[], base: JsonObject, mine: JsonObject, theirs: JsonObject): readonly Difference[] {
  return names.flatMap((name) => {
    const mineChanged = !same(base[name], mine[name]);
    const theirsChanged = !same(base[name], theirs[name]);
    if ((!mineChanged && !theirsChanged) || same(mine[name], theirs[name])) return [];
    const by = mineChanged && theirsChanged ? 'both' : mineChanged ? 'me' : 'them';
    return [{ name, base: base[name], mine: mine[name], theirs: theirs[name], by } as const];
  });
}

export type Choices = Readonly<Record<string, 'mine' | 'theirs'>>;

/** Their row with my changes on top; of a field that both changed, the one that was chosen, theirs if none was. */
export function merged(theirs: JsonObject, found: readonly Difference[], choices: Choices): JsonObject {
  const result: Record<string, Json> = { ...theirs };
  for (const { name, mine, by } of found) {
    if (mine !== undefined && (by === 'me' || (by === 'both' && choices[name] === 'mine'))) result[name] = mine;
  }
  return result;
}

/**
 * A merge patch of a member that is an object leaves what it does not name (RFC 7396), so members that are gone are named as null.
 */
export function mergePatch(from: Json | undefined, to: Json): Json {
  if (typeof from !== 'object' || from === null || Array.isArray(from)) return to;
  if (typeof to !== 'object' || to === null || Array.isArray(to)) return to;
  const [before, after] = [from as JsonObject, to as JsonObject];
  const patch: Record<string, Json> = {};
  for (const name of Object.keys(before)) if (!(name in after)) patch[name] = null;
  for (const [name, value] of Object.entries(after)) if (!same(before[name], value)) patch[name] = mergePatch(before[name], value);
  return patch;
}
