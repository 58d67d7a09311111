import { expect, it } from 'vitest';
import { KEPT_REJECTS, KeptRejects } from './kept-rejects.ts';

it('a million rejects are counted, and no more kept than the bound', () => {
  const rejects = new KeptRejects<number>();
  for (let i = 0; i < 1_000_000; i++) rejects.add(i);
  expect([rejects.count, rejects.kept.length, rejects.left]).toStrictEqual([1_000_000, KEPT_REJECTS, 999_000]);
  expect(rejects.kept.at(-1)).toBe(KEPT_REJECTS - 1);
});
