import { describe, expect, it } from 'vitest';
import { compareTable } from './compare-table.ts';
import { unusedDepartures } from './compare-golden.ts';
import type { Departure } from './departures/departure.ts';
import type { OwnExpectation } from './own/expectation.ts';
import type { Cell } from './rows.ts';
import { tableOf } from './twins/twin-table.ts';

type Record_ = Record<string, Cell>;

const spec = { name: 't', folder: 'small' as const, key: ['id'] };
const common = { rule: '', why: '', tables: ['t'] };

function compare(
  reference: Record_[],
  ours: Record_[],
  departures: Departure[] = [],
  expectations: OwnExpectation[] = [],
) {
  return compareTable({ spec, reference: tableOf(reference), ours: tableOf(ours), departures, expectations });
}

const row = (id: number, cells: Record_ = {}): Record_ => ({
  id,
  close: 10,
  count_days: 1,
  ema: 100,
  d1: 0.5,
  ...cells,
});

describe('compareTable', () => {
  it('counts rows that are the same bit for bit as equal, unknown cells included', () => {
    const rows = [row(1), row(2, { close: Number.NaN })];
    expect(compare(rows, rows)).toMatchObject({ compared: 2, equal: 2, close: 0, excused: 0, unexplained: 0 });
  });

  it('lets an EMA and its difference be off by 1e-12 of the EMA, and no more', () => {
    const near = compare([row(1)], [row(1, { ema: 100 * (1 + 0.9e-12), d1: 0.5 + 0.9e-10 })]);
    expect(near).toMatchObject({ equal: 1, close: 1 });
    expect(compare([row(1)], [row(1, { ema: 100 * (1 + 1.1e-12) })])).toMatchObject({ unexplained: 1 });
    expect(compare([row(1)], [row(1, { d1: 0.5 + 1.1e-10 })])).toMatchObject({ unexplained: 1 });
  });

  it('wants prices and counts exactly', () => {
    expect(compare([row(1)], [row(1, { close: 10 * (1 + Number.EPSILON) })]).unexplained).toBe(1);
    expect(compare([row(1)], [row(1, { count_days: 2 })]).unexplained).toBe(1);
    expect(compare([row(1)], [row(1, { close: Number.NaN })]).unexplained).toBe(1);
  });

  it('finds rows that one side alone has', () => {
    const found = compare([row(1), row(2)], [row(2), row(3)]);
    expect(found.samples.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['reference 1', 'ours 3']);
  });

  it('refuses a key that occurs twice', () => {
    expect(() => compare([row(1)], [row(1), row(1)])).toThrow('occurs twice: 1');
  });

  it('accepts a departing cell only at the predicted value', () => {
    const departure: Departure = {
      kind: 'cell',
      name: 'one too many',
      ...common,
      columns: ['count_days'],
      predict: (ours) => ({ count_days: ours.number('count_days') + 1 }),
    };
    const found = compare([row(1, { count_days: 2 }), row(2, { count_days: 3 })], [row(1), row(2)], [departure]);
    expect(found).toMatchObject({ excused: 1, unexplained: 1 });
    expect(found.uses.get('one too many')).toBe(1);
  });

  it('counts a row as equal when only a column that is never filled differs', () => {
    const departure: Departure = {
      kind: 'column',
      name: 'never filled',
      ...common,
      columns: ['count_days'],
      predict: () => ({ count_days: Number.NaN }),
    };
    const found = compare(
      [row(1, { count_days: Number.NaN }), row(2)],
      [row(1), row(2, { count_days: 5 })],
      [departure],
    );
    expect(found).toMatchObject({ equal: 1, excused: 0, unexplained: 1 });
  });

  it('accepts rows of one side where a departure says so', () => {
    const only = (side: 'ours' | 'reference', id: number): Departure => ({
      kind: 'row',
      name: side,
      ...common,
      side,
      applies: (found) => found.number('id') === id,
    });
    const found = compare([row(1), row(2)], [row(1), row(3)], [only('reference', 2), only('ours', 3)]);
    expect(found).toMatchObject({ equal: 1, excusedReference: 1, excusedOurs: 1, unexplained: 0 });
  });

  it('compares the reference with its twin where the input was another one', () => {
    const departure: Departure = {
      kind: 'input',
      name: 'other input',
      ...common,
      ids: [1, 2, 3],
      twin: () => tableOf([row(1, { close: 11 }), row(2, { close: 12 })]),
    };
    const reference = [row(1, { close: 11 }), row(2, { close: 13 })];
    const found = compare(reference, [row(1), row(2), row(3)], [departure]);
    expect(found).toMatchObject({ excused: 1, excusedOurs: 1, unexplained: 1 });
  });

  it('reports a row of ours that is not as our own formulas say, even where it equals the reference', () => {
    const expectation: OwnExpectation = { tables: ['t'], expect: () => ({ count_days: 2 }) };
    const found = compare([row(1), row(2, { count_days: 2 })], [row(1), row(2, { count_days: 2 })], [], [expectation]);
    expect(found.samples).toEqual([
      { kind: 'own', key: '1', cells: [{ column: 'count_days', ours: 1, reference: 2 }] },
    ]);
  });

  it('names departures that no row needed', () => {
    const departure: Departure = { kind: 'cell', name: 'idle', ...common, columns: ['close'], predict: () => null };
    expect(unusedDepartures([compare([row(1)], [row(1)], [departure])])).toEqual(['idle in t']);
  });
});
