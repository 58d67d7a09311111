// node --import record-writes.mjs --import tsx write-steps.ts <data folder> <steps> <seed> [<image>]: changes an embedded database,
// which begins as the copy of an image, in transactions that can be told from each other, and says to the record when one of them was
// reported.
import { openDatabase, type Database } from '@ta/state-store';
import { seededRandom } from '../random.ts';

declare global {
  var recordMark: (mark: number) => void;
}

const [, , dir, steps, seed, image = null] = process.argv;
const random = seededRandom(Number(seed));
const open = () =>
  openDatabase(
    { engine: 'pglite', dir: dir as string, source: 'crash images' },
    { image: () => Promise.resolve(image) },
  );

let database = await open();
await database.transaction((tx) =>
  tx.run(`CREATE TABLE ledger (step int PRIMARY KEY, digest text NOT NULL);
    CREATE TABLE held (step int, n int, value float8, note text, PRIMARY KEY (step, n));`),
);
globalThis.recordMark(0);
for (let step = 1; step <= Number(steps); step++) {
  await change(database, step);
  globalThis.recordMark(step);
  const chance = random();
  if (chance < 0.05) await database.session((session) => session.run('CHECKPOINT'));
  else if (chance < 0.1) await database.session((session) => session.run('VACUUM held'));
  else if (chance < 0.15) {
    await database.close();
    database = await open();
  }
}
await database.close();

function change(target: Database, step: number): Promise<void> {
  return target.transaction(async (tx) => {
    const rows = 1 + Math.floor(random() * 400);
    await tx.run(
      `INSERT INTO held SELECT ${step}, n, n / 7.0, repeat(md5(n::text), 3) FROM generate_series(1, ${rows}) AS n`,
    );
    await tx.run(`UPDATE held SET value = value + ${step} WHERE step % 5 = ${step % 5}`);
    await tx.run(`DELETE FROM held WHERE step = ${step - 12}`);
    if (step % 6 === 0) await tx.run(`CREATE TABLE aside_${step} AS SELECT * FROM held`);
    if (step % 6 === 3 && step > 6) await tx.run(`DROP TABLE aside_${step - 3}`);
    if (step % 9 === 0) await tx.run('DROP INDEX IF EXISTS held_value; CREATE INDEX held_value ON held (value)');
    await tx.run(`INSERT INTO ledger SELECT ${step}, md5(string_agg(h::text, '' ORDER BY step, n)) FROM held h`);
  });
}
