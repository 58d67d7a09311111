import { describe, expect, it } from 'vitest';
import { parseInstantFlag } from './instant-flag.ts';

describe('an instant given as a flag', () => {
  it('is a date, from its beginning or until its end', () => {
    expect(parseInstantFlag('since', '2024-02-29', 'begin')).toBe(Date.UTC(2024, 1, 29));
    expect(parseInstantFlag('until', '2024-02-29', 'end')).toBe(Date.UTC(2024, 2, 1));
  });

  it('is an instant with a zone, whatever the edge', () => {
    expect(parseInstantFlag('as-of', '2024-02-29T01:00:00+01:00', 'end')).toBe(Date.UTC(2024, 1, 29));
  });

  const rolledOver = ['2023-02-29T06:00:00Z', '2024-04-31T06:00Z', '2024-01-01T24:00:00Z', '2024-01-01T00:00:00+16:00'];

  it.each(['2023-02-29', 'yesterday', '2024-02-29T01:00:00', '20240229', '', ...rolledOver])('refuses %j', (text) => {
    expect(() => parseInstantFlag('as-of', text, 'end')).toThrow(expect.objectContaining({ code: 'CLI_BAD_INSTANT' }));
  });
});
