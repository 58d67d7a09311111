import type {
  CellDeparture,
  ColumnDeparture,
  Departure,
  InputDeparture,
  Prediction,
  RowDeparture,
} from './departures/departure.ts';
import type { GoldenTableSpec } from './golden-tables.ts';
import type { OwnExpectation } from './own/expectation.ts';
import { byKey, type Cell, type Row, type Rows } from './rows.ts';
import { compareCell } from './same-cell.ts';

/** A difference that no departure accounts for. */
export interface Unexplained {
  /** `own`: a row of ours is not what our own formulas give; `ours` and `reference`: only that side has the row. */
  readonly kind: 'cells' | 'own' | 'ours' | 'reference';
  readonly key: string;
  readonly cells: readonly { readonly column: string; readonly ours: Cell; readonly reference: Cell }[];
}

/** What the comparison of one table found. Every row of either side is in exactly one of the counts. */
export interface TableComparison {
  readonly name: string;
  readonly referenceRows: number;
  readonly ourRows: number;
  /** Keys that both sides have. */
  compared: number;
  /** Compared rows without a difference, or with differences of EMA columns within the tolerance only. */
  equal: number;
  /** Of the equal ones, those with such differences (docs/emas.md#kernel, docs/emas.md#smoothing-factors). */
  close: number;
  /** Compared rows whose every difference a departure accounts for. */
  excused: number;
  /** Rows that only one side has, where a departure allows it. */
  excusedOurs: number;
  excusedReference: number;
  /** Rows per departure, by its name; a row may need several. */
  readonly uses: Map<string, number>;
  /** Rows that needed this departure and no other one, apart from column departures. */
  readonly aloneUses: Map<string, number>;
  unexplained: number;
  /** The first unexplained differences. */
  readonly samples: Unexplained[];
}

const SAMPLES = 10;

/** What the comparison of a table works with. */
export interface TableInput {
  readonly spec: GoldenTableSpec;
  readonly reference: Rows;
  readonly ours: Rows;
  /** Departures and expectations of all tables; the comparison takes those of its table. */
  readonly departures: readonly Departure[];
  readonly expectations: readonly OwnExpectation[];
}

/**
 * Compares one table of ours with the reference's, row by row on the key.
 *
 * @throws GoldenError `GOLDEN_DUPLICATE_KEY`
 */
export function compareTable(input: TableInput): TableComparison {
  return new TableComparer(input).run();
}

class TableComparer {
  readonly #input: TableInput;
  readonly #columns: readonly string[];
  readonly #cells: readonly CellDeparture[];
  readonly #voids: readonly ColumnDeparture[];
  readonly #rows: readonly RowDeparture[];
  readonly #twins: readonly { readonly departure: InputDeparture; readonly rows: ReadonlyMap<string, Row> }[];
  readonly #expectations: readonly OwnExpectation[];
  readonly #result: TableComparison;

  constructor(input: TableInput) {
    const { spec, reference, ours } = input;
    const left = [...spec.key, ...(spec.ignored ?? [])];
    const departures = input.departures.filter(({ tables }) => tables.includes(spec.name));
    this.#input = input;
    this.#columns = reference.columns.filter((column) => !left.includes(column));
    this.#cells = departures.filter((departure) => departure.kind === 'cell');
    this.#voids = departures.filter((departure) => departure.kind === 'column');
    this.#rows = departures.filter((departure) => departure.kind === 'row');
    this.#twins = departures
      .filter((departure) => departure.kind === 'input')
      .map((departure) => ({ departure, rows: byKey(departure.twin(spec.name), spec.key) }));
    this.#expectations = input.expectations.filter(({ tables }) => tables.includes(spec.name));
    this.#result = {
      name: spec.name,
      referenceRows: reference.length,
      ourRows: ours.length,
      compared: 0,
      equal: 0,
      close: 0,
      excused: 0,
      excusedOurs: 0,
      excusedReference: 0,
      uses: new Map(departures.map(({ name }) => [name, 0])),
      aloneUses: new Map(),
      unexplained: 0,
      samples: [],
    };
  }

  run(): TableComparison {
    const { spec } = this.#input;
    const ours = byKey(this.#input.ours, spec.key);
    const reference = byKey(this.#input.reference, spec.key);
    for (const [key, row] of reference) {
      const own = ours.get(key);
      if (own === undefined) this.#onlyReference(key, row);
      else this.#pair(key, own, row);
    }
    for (const [key, row] of ours) if (!reference.has(key)) this.#onlyOurs(key, row);
    return this.#result;
  }

  #pair(key: string, ours: Row, reference: Row): void {
    const result = this.#result;
    result.compared++;
    if (!this.#isAsExpected(key, ours)) return;
    const found = this.#explain(ours, reference);
    if (found.left.length === 0) {
      this.#use(found.uses, found.voids);
      if (found.uses.length > 0) result.excused++;
      else result.equal++;
      if (found.uses.length === 0 && found.isClose) result.close++;
    } else if (this.#explainByTwin(key, reference)) {
      result.excused++;
    } else {
      this.#report('cells', key, found.left, ours, reference);
    }
  }

  #onlyReference(key: string, row: Row): void {
    const departure = this.#rows.find(({ side, applies }) => side === 'reference' && applies(row, this.#result.name));
    if (departure !== undefined) this.#use([departure.name]);
    if (departure !== undefined || this.#explainByTwin(key, row)) this.#result.excusedReference++;
    else this.#report('reference', key, [], row, row);
  }

  #onlyOurs(key: string, row: Row): void {
    if (!this.#isAsExpected(key, row)) return;
    const departure =
      this.#rows.find(({ side, applies }) => side === 'ours' && applies(row, this.#result.name)) ??
      this.#twins.find((twin) => twin.departure.ids.includes(row.number('id')) && !twin.rows.has(key))?.departure;
    if (departure === undefined) {
      this.#report('ours', key, [], row, row);
      return;
    }
    this.#use([departure.name]);
    this.#result.excusedOurs++;
  }

  /** Checks a row of ours against our own formulas and reports what is wrong. */
  #isAsExpected(key: string, ours: Row): boolean {
    for (const expectation of this.#expectations) {
      const expected = expectation.expect(ours, this.#result.name);
      if (expected === null) {
        this.#report('own', key, [], ours, ours);
        return false;
      }
      const wrong = this.#columns.find((column) => column in expected && !isAs(expected, column, ours));
      if (wrong !== undefined) {
        this.#count('own', key, [{ column: wrong, ours: ours.cell(wrong), reference: expected[wrong] }]);
        return false;
      }
    }
    return true;
  }

  /** Which departures account for the differences of two rows, and which columns are left. */
  #explain(ours: Row, reference: Row) {
    const table = this.#result.name;
    const voids = this.#voids.filter((departure) => {
      const predicted = departure.predict(ours, table);
      return departure.columns.every((column) => isAs(predicted, column, reference));
    });
    const uses = new Set<string>();
    const left: string[] = [];
    let isClose = false;
    for (const column of this.#columns) {
      if (voids.some(({ columns }) => columns.includes(column))) continue;
      const verdict = compareCell(column, ours.cell(column), reference.cell(column), reference);
      if (verdict === 'close') isClose = true;
      if (verdict !== 'different') continue;
      const departure = this.#cells.find((candidate) => {
        const predicted = candidate.columns.includes(column) ? candidate.predict(ours, table) : null;
        return predicted !== null && isAs(predicted, column, reference);
      });
      if (departure === undefined) left.push(column);
      else uses.add(departure.name);
    }
    return { uses: [...uses], voids: voids.map(({ name }) => name), left, isClose };
  }

  #explainByTwin(key: string, reference: Row): boolean {
    for (const { departure, rows } of this.#twins) {
      const row = rows.get(key);
      const found = row === undefined ? null : this.#explain(row, reference);
      if (found === null || found.left.length > 0) continue;
      this.#use([departure.name, ...found.uses], found.voids);
      return true;
    }
    return false;
  }

  #use(names: readonly string[], voids: readonly string[] = []): void {
    const { uses, aloneUses } = this.#result;
    for (const name of [...names, ...voids]) uses.set(name, (uses.get(name) ?? 0) + 1);
    if (names.length === 1) aloneUses.set(names[0], (aloneUses.get(names[0]) ?? 0) + 1);
  }

  #report(kind: Unexplained['kind'], key: string, columns: readonly string[], ours: Row, reference: Row): void {
    const cells = columns.map((column) => ({ column, ours: ours.cell(column), reference: reference.cell(column) }));
    this.#count(kind, key, cells);
  }

  #count(kind: Unexplained['kind'], key: string, cells: Unexplained['cells']): void {
    this.#result.unexplained++;
    if (this.#result.samples.length < SAMPLES) this.#result.samples.push({ kind, key, cells });
  }
}

function isAs(predicted: Prediction, column: string, row: Row): boolean {
  return column in predicted && compareCell(column, predicted[column], row.cell(column), row) !== 'different';
}
