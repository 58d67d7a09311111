import { describe, expect, it } from 'vitest';
import { assertShardable, idsOfShard, parseShard, shardText } from './shard.ts';

describe('a shard', () => {
  it.each(['0/1', '0/2', '1/2', '63/64', ' 3/10 '])('%s is a part of the ids', (text) => {
    expect(shardText(parseShard(text))).toBe(text.trim());
  });

  it.each(['', '1', '2/2', '0/0', '-1/2', '1/65', '0/65', '01/2', '1/2/3', '1 / 2', '0.5/2', 'a/b', '1/1e1'])(
    '"%s" is none',
    (text) => {
      expect(() => parseShard(text)).toThrow(/--shard: expected i\/n/);
    },
  );

  it('of a split has each id once', () => {
    const ids = [1, 2, 52, 825, 1027, 5426];
    expect(idsOfShard(ids, { index: 0, count: 2 })).toEqual([2, 52, 5426]);
    const parts = Array.from({ length: 7 }, (_, index) => idsOfShard(ids, { index, count: 7 }));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(ids);
  });

  it('needs a server', () => {
    expect(() => assertShardable({ engine: 'postgres', url: 'postgresql://h/d', source: 'test' })).not.toThrow();
    expect(() => assertShardable({ engine: 'pglite', dir: null, source: 'test' })).toThrow(/needs a PostgreSQL server/);
  });
});
