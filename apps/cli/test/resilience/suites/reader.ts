import { openDatabase } from '@ta/state-store';
import { describe, expect, it } from 'vitest';
import { startCli } from '../rig/cli-process.ts';
import { faultsOf, inconsistencies } from '../rig/content.ts';
import type { PostgresArena } from '../rig/postgres-arena.ts';
import { REFRESH, type Scenario } from '../rig/small-world.ts';

const SCENARIOS: readonly Scenario[] = ['daily'];

/** What a reader sees while a refresh runs. */
export function readerSuite(theArena: () => PostgresArena): void {
  describe('A reader beside a refresh', () => {
    for (const scenario of SCENARIOS) {
      it(`never sees a table and its state disagree (${scenario})`, async () => {
        const place = await theArena().place(scenario);
        const reader = await openDatabase({ engine: 'postgres', url: place.url, source: 'reader' }, { poolSize: 1 });
        const run = startCli([...REFRESH, ...place.args], place.env);
        let isOver = false;
        void run.ended.then(() => (isOver = true));
        const seen = new Set<string>();
        let looks = 0;
        for (; !isOver; looks++) {
          const options = { readOnly: true, isolation: 'repeatable read' } as const;
          for (const text of await reader.transaction(inconsistencies, options)) seen.add(text);
        }
        await reader.close();
        expect((await run.ended).code).toBe(0);
        expect([...seen]).toEqual([]);
        expect(looks).toBeGreaterThan(3);
        expect(await place.inspect((session) => faultsOf(session, theArena().undisturbed))).toEqual([]);
        await place.drop();
      });
    }
  });
}
