import { readPeriods } from '@ta/state-store';
import { emaTablesOver } from './catalogue.ts';
import type { ReadAccess } from './database-lease.ts';
import { readAssetNames } from './read/assets.ts';
import { readChart } from './read/chart.ts';

const ROUNDS = 2;
const BARS = 4_000;
const EMAS = 5;

/**
 * Reads charts that nobody sees. An embedded database is compiled as it runs: its first charts take half a second and
 * more each, and later ones less than a tenth. A server needs none of this. What fails here fails again, and is
 * reported, when somebody asks.
 */
export async function rehearse(access: ReadAccess): Promise<void> {
  const table = emaTablesOver('1d')[0];
  for (let round = 0; round < ROUNDS; round++) {
    await access.read(async (session) => {
      const [first] = session.engine === 'pglite' ? (await readAssetNames(session)).assets : [];
      if (first === undefined || table === undefined) return;
      const emas = (await readPeriods(session))
        .slice(0, EMAS)
        .map((period) => ({ table, period, series: 'ema' }) as const);
      await readChart(session, { id: first.id, source: '1d', tf: '1D', limit: BARS, emas });
    });
  }
}
