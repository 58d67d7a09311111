import { verifyState, type Session } from '@ta/state-store';
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
  const rows = await verifyState(session, null);
  return rows.map((row) => `${row.id} ${row.table} ${row.tf ?? ''} ${row.field}: ${row.state} <> ${row.actual}`);
}

/**
 * Rows in which a table and its own state disagree: none at any moment. Left out is whether a table has come as far as the
 * table it is fed from, which a run told to end between two steps leaves to the next one.
 */
export async function torn(session: Session): Promise<string[]> {
  return (await inconsistencies(session)).filter(
    (text) => !/ (daily_max_seen|src_full_built_at|src_revision):/.test(text),
  );
}
