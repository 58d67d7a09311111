import { PRICES, UNITS, type BarRule, type Days, type PriceColumns, type SnapshotPeer } from './snapshot-peer.ts';

/** The part of nodejs-polars that is used here. The package is not a dependency, since its Linux binary needs Node 22. */
interface Polars {
  readonly version: string;
  readonly Int32: unknown;
  DataFrame(columns: Readonly<Record<string, Float64Array | Int32Array>>): Frame;
  col(name: string): Expression;
  when(condition: Expression): { then(value: Expression): Chain };
}

interface Chain {
  when(condition: Expression): { then(value: Expression): Chain };
  otherwise(value: Expression): Expression;
}

interface Expression {
  alias(name: string): Expression;
  eq(value: number): Expression;
  gtEq(value: number): Expression;
  add(value: Expression): Expression;
  sub(value: Expression): Expression;
  mul(value: number): Expression;
  div(value: Expression): Expression;
  floor(): Expression;
  cast(type: unknown): Expression;
  first(): Expression;
  cumMax(): Expression;
  cumMin(): Expression;
  cumSum(): Expression;
  over(group: string): Expression;
}

interface Frame {
  join(other: Frame, options: { how: 'cross' }): Frame;
  filter(condition: Expression): Frame;
  withColumns(...expressions: Expression[]): Frame;
  select(...expressions: Expression[]): Frame;
  getColumn(name: string): { toArray(): number[] };
}

/** More than there are bars in a timeframe, so that (timeframe, bar) fits into one number. */
const BARS_PER_TIMEFRAME = 1_000_000;

/**
 * polars: cumulative expressions over the days of each bar, all timeframes in one frame (a frame for each of them took about
 * ten times as long). Undefined where the package is not installed.
 */
export async function polarsPeer(days: Days, rules: readonly BarRule[]): Promise<SnapshotPeer | undefined> {
  const name: string = 'nodejs-polars';
  const loaded = (await import(name).catch(() => undefined)) as { default: Polars } | undefined;
  if (loaded === undefined) return undefined;
  const polars = loaded.default;
  const { col } = polars;
  const numbers = (of: (rule: BarRule, tf: number) => number): Int32Array => Int32Array.from(rules, of);
  const dayFrame = polars.DataFrame({ ...days });
  const ruleFrame = polars.DataFrame({
    tf: numbers((_, tf) => tf),
    unit: numbers(({ unit }) => unit),
    quantity: numbers(({ quantity }) => quantity),
    origin: numbers(({ origin }) => origin),
  });
  const snapshots = (): Frame =>
    ruleFrame
      .join(dayFrame, { how: 'cross' })
      .withColumns(chosenUnit(polars).sub(col('origin')).alias('at'))
      .filter(col('at').gtEq(0))
      .withColumns(
        col('tf')
          .mul(BARS_PER_TIMEFRAME)
          .add(col('at').div(col('quantity')).floor())
          .cast(polars.Int32)
          .alias('bar'),
      )
      .select(
        col('open').first().over('bar'),
        col('high').cumMax().over('bar'),
        col('low').cumMin().over('bar'),
        col('close'),
        col('volume').cumSum().over('bar'),
      );
  let last: Frame | undefined;
  return {
    name: `polars ${polars.version}`,
    compute: async () => {
      last = snapshots();
    },
    read: async () =>
      Object.fromEntries(PRICES.map((price) => [price, last?.getColumn(price).toArray()])) as unknown as PriceColumns,
    close: () => undefined,
  };
}

/** The number of the day in the unit that its timeframe counts in. */
function chosenUnit({ col, when }: Polars): Expression {
  const chosen = (at: number): Expression => col(UNITS[at]);
  let chain = when(col('unit').eq(0)).then(chosen(0));
  for (let at = 1; at < UNITS.length - 1; at++) chain = chain.when(col('unit').eq(at)).then(chosen(at));
  return chain.otherwise(chosen(UNITS.length - 1));
}
