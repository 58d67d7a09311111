import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shownPath } from './shown-path.ts';

describe('a path in a message', () => {
  const here = join('/', 'work', 'space');
  it.each([
    [join(here, 'bars.csv'), 'bars.csv'],
    [join(here, 'out', 'bars.csv'), 'out/bars.csv'],
    [join(here, '..old', 'bars.csv'), '..old/bars.csv'],
    [here, here],
    [join('/', 'work', 'bars.csv'), join('/', 'work', 'bars.csv')],
    [join('/', 'work', 'space2', 'bars.csv'), join('/', 'work', 'space2', 'bars.csv')],
    [join('/', 'tmp', 'bars.csv'), join('/', 'tmp', 'bars.csv')],
  ])('%s is %s', (path, shown) => {
    expect(shownPath(path, here)).toBe(shown);
  });
});
