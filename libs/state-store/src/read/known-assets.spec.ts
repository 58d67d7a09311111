import { describe, expect, it } from 'vitest';
import type { Session } from '../connect/database.ts';
import { unknownAssets } from './known-assets.ts';

/** A database with the assets 1 and 52, and the questions it was asked. */
function database(): { session: Session; asked: unknown[] } {
  const asked: unknown[] = [];
  const query = (_: string, [ids]: [number[]]) => {
    asked.push(ids);
    return Promise.resolve([1, 52].filter((id) => ids.includes(id)).map((id) => ({ id })));
  };
  return { session: { query } as unknown as Session, asked };
}

describe('unknown assets', () => {
  it('are the ids that dim_assets does not have, in their order', async () => {
    const { session, asked } = database();
    expect(await unknownAssets(session, [825, 52, 7, 1])).toEqual([825, 7]);
    expect(await unknownAssets(session, [52])).toEqual([]);
    expect(await unknownAssets(session, [3])).toEqual([3]);
    expect(asked).toEqual([[825, 52, 7, 1], [52], [3]]);
  });

  it('are none of no ids, without a question', async () => {
    const { session, asked } = database();
    expect(await unknownAssets(session, [])).toEqual([]);
    expect(asked).toEqual([]);
  });
});
