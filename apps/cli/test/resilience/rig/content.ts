import type { Session } from '@ta/state-store';
import { SINCE, verifyRows, verifyState, type StateDifference } from '@ta/validation';
import {
  differingTables,
  digestContent,
  readContentColumns,
  type ContentDigest,
} from '../../../../../libs/pipeline/test/content-digest.ts';
import { IDS } from './small-world.ts';

/** Content of every table, by id. */
export type Content = ReadonlyMap<number, ContentDigest>;

/** Digests the content of all ids, as one snapshot holds it. */
export async function readContent(session: Session, ids: readonly number[] = IDS): Promise<Content> {
  return digestContent(session, await readContentColumns(session), ids);
}

/** Where two contents differ, as `id table`. */
export function differences(left: Content, right: Content): string[] {
  return [...left].flatMap(([id, digest]) =>
    differingTables(digest, right.get(id) as ContentDigest).map((table) => `${id} ${table}`),
  );
}

/** What is wrong in a database after a complete refresh: nothing, when it equals the undisturbed one. */
export async function faultsOf(session: Session, undisturbed: Content): Promise<string[]> {
  const left = await session.query<{ id: number }>('SELECT DISTINCT id FROM cmc_price_histories7_changes ORDER BY id');
  return [
    ...differences(undisturbed, await readContent(session)),
    ...(await inconsistencies(session)),
    ...left.map(({ id }) => `${id} has changes that were not taken in`),
  ];
}

/** Rows in which state and data disagree. */
export async function inconsistencies(session: Session): Promise<string[]> {
  return (await verifyState(session, null)).map(lineOf);
}

function lineOf({ id, table, tf, field, state, actual }: StateDifference): string {
  return `${id} ${table} ${tf ?? ''} ${field}: ${state} <> ${actual}`;
}

/**
 * Rows in which a table and its own state disagree: none at any moment. Left out is whether a table has come as far as the
 * table it is fed from, which a run told to end between two steps leaves to the next one.
 */
export async function torn(session: Session): Promise<string[]> {
  return (await verifyRows(session, null)).filter(({ field }) => !field.startsWith(SINCE)).map(lineOf);
}

/** Commits that a run has reported, one an id and component, by its lines of `--verbose`. */
export function reportedCommits(output: string): { readonly id: number; readonly component: 'bars' | 'emas' }[] {
  const lines = output.matchAll(/\[(bars|emas)\/\w+\] id (\d+): ok /g);
  const keys = new Set([...lines].map(([, component, id]) => `${component} ${id}`));
  return [...keys].map((key) => {
    const [component, id] = key.split(' ') as ['bars' | 'emas', string];
    return { component, id: Number(id) };
  });
}

const TABLES_OF = { bars: /^cmc_price_bars_/, emas: /^cmc_ema_/ } as const;

/** What a run reported as committed and what is not there: all tables of an id are, once its commit is reported. */
export async function lost(session: Session, output: string, undisturbed: Content): Promise<string[]> {
  const reported = reportedCommits(output);
  if (reported.length === 0) return [];
  const ids = [...new Set(reported.map(({ id }) => id))];
  const expected = new Map(ids.map((id) => [id, undisturbed.get(id) as ContentDigest]));
  const differing = differences(expected, await readContent(session, ids));
  return reported.flatMap(({ id, component }) =>
    differing
      .filter((text) => text.startsWith(`${id} `) && TABLES_OF[component].test(text.slice(`${id} `.length)))
      .map((text) => `reported as committed and lost: ${text}`),
  );
}
