import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '@ta/state-store';
import { saveAsFolder } from '../../../../../../libs/pipeline/test/pglite-copies.ts';
import { QUICK_WASM } from '../cli-process.ts';
import { inFolder } from '../pglite-arena.ts';
import { seededRandom } from '../random.ts';
import { DiskModel, readRecord, type Entry } from './disk-model.ts';

/** What is cut, and how often. */
export interface ImagePlan {
  readonly images: number;
  readonly seed: number;
  /** The disk does nothing it is asked for: then things must get lost. */
  readonly isDeaf?: boolean;
  /** Looks at no further image once something was lost. */
  readonly untilFault?: boolean;
}

/** What came of it. */
export interface ImageFigures {
  /** Images that were looked at. */
  readonly images: number;
  /** Images cut while the database itself was being made. */
  readonly unfinished: number;
  /** Transactions of the recorded work that were reported as committed. */
  readonly commits: number;
  readonly syncs: number;
  /** One text per image in which something reported was lost, or that does not open. */
  readonly faults: readonly string[];
}

/** Everything that a process with an embedded database did to its folder, in order, and what it reported. */
export type WorkRecord = readonly Entry[];

/**
 * Opens what a power cut at random points of recorded work might have left of it: each reported transaction must be there
 * whole, and no part of another.
 */
export async function cutImages(record: WorkRecord, plan: ImagePlan): Promise<ImageFigures> {
  const entries = plan.isDeaf === true ? record.filter(({ what }) => !what.startsWith('sync')) : record;
  const folder = mkdtempSync(path.join(tmpdir(), 'ta-images-'));
  try {
    const random = seededRandom(plan.seed + 1);
    const cuts = Array.from({ length: plan.images }, () => Math.floor(entries.length * cutPoint(random, entries))).sort(
      (a, b) => a - b,
    );
    const disk = new DiskModel();
    const faults: string[] = [];
    let [images, taken, unfinished] = [0, 0, 0];
    for (const cut of cuts) {
      for (; taken < cut; taken++) disk.take(entries[taken] as Entry);
      if (disk.mark < 0) unfinished++;
      const image = path.join(folder, `image-${images++}`);
      disk.writeImage(image, random);
      const fault = await faultOf(image, disk.mark);
      if (fault !== null) faults.push(`image ${images}, cut at ${cut} of ${entries.length}: ${fault}`);
      rmSync(image, { recursive: true });
      if (fault !== null && plan.untilFault === true) break;
    }
    const count = (what: Entry['what']) => entries.filter((entry) => entry.what === what).length;
    return { images, unfinished, commits: count('mark'), syncs: count('sync'), faults };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Most cuts fall into the work; the making of the database is most of the record. */
function cutPoint(random: () => number, entries: WorkRecord): number {
  const made = entries.findIndex((entry) => entry.what === 'mark') / entries.length;
  return random() < 0.1 ? random() * made : made + random() * (1 - made);
}

/**
 * Records what a process does that makes an embedded database and changes it in so many transactions.
 * @param isCopy the database begins as a copy of an image, as those of people do; else it is made of nothing, which takes far longer
 */
export async function recordWork(steps: number, seed: number, isCopy = false): Promise<WorkRecord> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ta-record-'));
  try {
    const [dir, to, image] = ['pg', 'record', 'image'].map((name) => path.join(folder, name)) as [
      string,
      string,
      string,
    ];
    if (isCopy) await makeImage(image);
    mkdirSync(dir, { mode: 0o700 });
    const here = (name: string) => path.join(import.meta.dirname, name);
    const words = [...QUICK_WASM, '--import', here('record-writes.mjs'), '--import', 'tsx', '--conditions=@ta/source'];
    const work = [here('write-steps.ts'), dir, String(steps), String(seed), ...(isCopy ? [image] : [])];
    const child = spawn(process.execPath, [...words, ...work], {
      env: { ...process.env, TA_RECORD_DIR: dir, TA_RECORD_TO: to },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`the recorded work ended with ${String(code)}`);
    return [...readRecord(readFileSync(to))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeImage(dir: string): Promise<void> {
  const empty = await openDatabase({ engine: 'pglite', dir: null, source: 'image' });
  await saveAsFolder(empty, dir);
  await empty.close();
}

/** What is wrong with the database in a folder; null when nothing is. */
async function faultOf(dir: string, reported: number): Promise<string | null> {
  try {
    return await inFolder(dir, (database) =>
      database.session(async (session) => {
        const [{ found }] = await session.query<{ found: boolean }>(
          "SELECT to_regclass('ledger') IS NOT NULL AS found",
        );
        if (!found) return reported < 0 ? null : 'the tables are gone';
        const [state] = await session.query<{ steps: number; last: number | null; digest: string | null }>(
          `SELECT count(*) AS steps, max(step) AS last, (SELECT digest FROM ledger ORDER BY step DESC LIMIT 1) AS digest
           FROM ledger`,
        );
        if ((state.last ?? 0) < reported) return `step ${reported} was reported, ${state.last ?? 0} is the last`;
        if (state.steps !== (state.last ?? 0)) return `${state.steps} steps of ${state.last ?? 0}`;
        const digest = `SELECT md5(string_agg(h::text, '' ORDER BY step, n)) AS digest FROM held h`;
        await session.run('SET enable_seqscan = off');
        const [byIndex] = await session.query<{ digest: string | null }>(digest);
        await session.run('SET enable_seqscan = on; SET enable_indexscan = off');
        const [byTable] = await session.query<{ digest: string | null }>(digest);
        if (byTable.digest !== state.digest) return `the rows are not those of step ${state.last ?? 0}`;
        if (byIndex.digest !== state.digest) return `the index is not that of step ${state.last ?? 0}`;
        // and it can be worked with
        await session.run(`INSERT INTO held SELECT -1, n, n, '' FROM generate_series(1, 500) AS n; CHECKPOINT`);
        return null;
      }),
    );
  } catch (error) {
    return `does not open: ${error instanceof Error ? error.message : String(error)}`;
  }
}
