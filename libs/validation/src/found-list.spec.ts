import { describe, expect, it } from 'vitest';
import { FoundList } from './found-list.ts';

describe('a list of what was found', () => {
  it('names all of a little, and counts what is too much', () => {
    const list = new FoundList('t', 7);
    for (let i = 0; i < 10_000; i++) list.push({ table: 't', message: `row ${i}` });
    expect(list.all()).toHaveLength(10_000);
    list.push({ table: 't', message: 'one' }, { table: 't', message: 'two' });
    expect(list.all()).toHaveLength(10_001);
    expect(list.all().at(-1)).toMatchObject({
      id: 7,
      actual: 2,
      message: expect.stringContaining('2 more') as unknown,
    });
  });
});
