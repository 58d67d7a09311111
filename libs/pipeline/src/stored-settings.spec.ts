import type { Session } from '@ta/state-store';
import { describe, expect, it } from 'vitest';
import { readZone } from './stored-settings.ts';

/** A database with a stored zone or without, and the zones that its bars were built in. */
function database(stored: string | null, ...zones: string[]): Session {
  const settings = stored === null ? [] : [{ name: 'zone', value: stored }];
  return {
    orm: { select: () => ({ from: () => Promise.resolve(settings) }) },
    query: (sql: string) => Promise.resolve(sql.includes('cmc_price_bars_1d_state') ? zones.map((tz) => ({ tz })) : []),
  } as unknown as Session;
}

describe('the zone of a database', () => {
  it('is the one in its settings, whatever its bars were built in', async () => {
    expect(await readZone(database('Asia/Tokyo', 'UTC', 'Europe/Berlin'))).toBe('Asia/Tokyo');
  });

  it('without a setting is that of all bars, by its own name, and UTC where these have several or none', async () => {
    expect(await readZone(database(null, 'Europe/Berlin'))).toBe('Europe/Berlin');
    expect(await readZone(database(null, 'Asia/Calcutta'))).toBe('Asia/Kolkata');
    expect(await readZone(database(null, 'Asia/Tokyo', 'Europe/Berlin'))).toBe('UTC');
    expect(await readZone(database(null))).toBe('UTC');
  });
});
