import type { Timeframe } from '@ta/bars-core/engine';
import type { CheckContext } from '../check-context.ts';
import type { EmaPlace } from './place.ts';

/** A repeatable source of numbers from 0 to below 1 (mulberry32). */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const samples = new WeakMap<CheckContext, ReadonlySet<string>>();

/**
 * Timeframes of an asset's EMA table to recompute: all, or in the fast profile those of a sample of about `sampleSize` series.
 * The sample has at least one timeframe of every table, and all periods of each timeframe.
 */
export function sampledTimeframes({ context, asset, table }: Omit<EmaPlace, 'session'>): readonly Timeframe[] {
  const timeframes = context.emaTimeframes(table.source);
  if (context.request.profile !== 'fast') return timeframes;
  const sample = samples.get(context) ?? drawSample(context);
  samples.set(context, sample);
  return timeframes.filter(({ tf }) => sample.has(`${asset.id} ${table.source} ${tf}`));
}

function drawSample(context: CheckContext): ReadonlySet<string> {
  const { sampleSize, seed } = context.request;
  const groups = context.assets
    .filter(({ lastSourceTs }) => lastSourceTs !== null)
    .flatMap(({ id }) =>
      context.emaTables.flatMap(({ source }) => context.emaTimeframes(source).map(({ tf }) => ({ id, source, tf }))),
    );
  const drawn = shuffled(groups, seededUniform(seed));
  const firstOfTable = context.emaTables.map(({ source }) => drawn.find((group) => group.source === source));
  const wanted = Math.ceil(sampleSize / Math.max(1, context.periods.length));
  const picked = [...new Set([...firstOfTable, ...drawn])].filter((group) => group !== undefined);
  return new Set(
    picked.slice(0, Math.max(wanted, context.emaTables.length)).map(({ id, source, tf }) => `${id} ${source} ${tf}`),
  );
}

/** A copy in random order. */
export function shuffled<T>(items: readonly T[], uniform: () => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [copy[i], copy[j]] = [copy[j], copy[i]];
  }
  return copy;
}
