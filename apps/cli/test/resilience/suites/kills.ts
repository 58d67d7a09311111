import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureText, runCampaign } from '../rig/campaign.ts';
import type { PostgresArena } from '../rig/postgres-arena.ts';

const { seed: SEED = 0 } = fc.readConfigureGlobal();

/** kill -9. */
export function killSuite(theArena: () => PostgresArena): void {
  describe('A refresh on PostgreSQL that is struck', () => {
    it('by kill -9 is finished by the next run as if nothing had happened, whenever it was', async () => {
      const figures = await runCampaign(theArena(), {
        ...{ scenarios: ['build', 'daily'], strikes: 3, kinds: ['kill'], mostInARow: 3, seed: SEED },
      });
      expect(failureText(figures)).toEqual([]);
      expect(figures.strikes).toBe(3);
    });
  });
}
