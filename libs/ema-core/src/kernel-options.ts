import { alphaBar, assertAlpha } from './alpha.ts';
import { EmaError } from './errors.ts';

/**
 * Where an EMA starts: `'sma'` the mean of the first window of consecutive inputs (this project, TA-Lib, the reference),
 * `'first'` the first input (pandas), `{ value }` a given earlier value.
 */
export type Seed = 'sma' | 'first' | { readonly value: number };

/**
 * What a NaN input does: `'carry'` repeats the last value, `'mask'` gives NaN and keeps the state, `'throw'` refuses the input,
 * `'propagate'` makes all later values NaN (TA-Lib). Inside the window of an SMA seed, carry and mask restart the window. Except
 * with `'throw'`, NaN inputs before the first number are skipped, so that an EMA of an EMA has values.
 */
export type NanPolicy = 'carry' | 'mask' | 'throw' | 'propagate';

/** Conventions of a kernel run; the defaults are the ones of all stored EMAs (docs/emas.md#kernel). */
export interface EmaOptions {
  /** Default `'sma'`. */
  readonly seed?: Seed;
  /**
   * Number of inputs up to and including the one that gives the first output (the length of an SMA seed); default `n`, and 1 with
   * a seed value.
   */
  readonly minPeriods?: number;
  /** Weighted form `Σ(1−α)^i x / Σ(1−α)^i` over the whole past, as in pandas `adjust=True`; default false. Excludes a seed. */
  readonly adjust?: boolean;
  /**
   * Whether a NaN input leaves the weights unchanged (default true) or lets the past decay over the gap, as pandas does by
   * default.
   */
  readonly ignoreNa?: boolean;
  /** Default `'carry'`. */
  readonly nan?: NanPolicy;
}

/** One series to compute: period, and optionally its own smoothing factor and seed length. */
export interface EmaSpec {
  /** Period in inputs, at least 1. */
  readonly n: number;
  /** Smoothing factor, above 0 and at most 1; default `2/(n+1)`. */
  readonly alpha?: number;
  /** Number of inputs up to and including the one that gives the first output; overrides `minPeriods`. */
  readonly warmup?: number;
}

/** An {@link EmaSpec} with every default filled in. */
export interface ResolvedSpec {
  readonly n: number;
  readonly alpha: number;
  readonly warmup: number;
}

/** {@link EmaOptions} with every default filled in; `minPeriods` is part of the specs instead. */
export interface ResolvedOptions {
  readonly seed: Seed;
  readonly adjust: boolean;
  readonly ignoreNa: boolean;
  readonly nan: NanPolicy;
}

const NAN_POLICIES: readonly string[] = ['carry', 'mask', 'throw', 'propagate'];

/** Whether the options give an earlier value as seed. JavaScript may pass null for an option that is left out. */
export function hasSeedValue({ seed }: Pick<EmaOptions, 'seed'>): boolean {
  return typeof seed === 'object' && seed !== null;
}

/**
 * Fills in the defaults of options and checks them.
 * @throws EmaError `EMA_BAD_OPTION`
 */
export function resolveOptions(options: EmaOptions = {}): ResolvedOptions {
  const adjust = options.adjust ?? false;
  const nan = options.nan ?? 'carry';
  if (!NAN_POLICIES.includes(nan)) {
    throw new EmaError('EMA_BAD_OPTION', `nan is "${String(nan)}"; expected one of ${NAN_POLICIES.join(', ')}`);
  }
  if (adjust && (options.seed ?? 'first') !== 'first') {
    throw new EmaError(
      'EMA_BAD_OPTION',
      'adjust is true together with a seed; the weighted form starts at the first input',
      {
        hint: 'leave seed out, or use adjust: false',
      },
    );
  }
  const seed = adjust ? 'first' : (options.seed ?? 'sma');
  if (typeof seed === 'object' ? !Number.isFinite(seed.value) : seed !== 'sma' && seed !== 'first') {
    throw new EmaError('EMA_BAD_OPTION', `seed is ${JSON.stringify(seed)}; expected "sma", "first" or a finite value`);
  }
  return {
    seed: typeof seed === 'object' ? { value: seed.value } : seed,
    adjust,
    ignoreNa: options.ignoreNa ?? true,
    nan,
  };
}

/**
 * Fills in the defaults of the specs and checks them.
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_ALPHA`, `EMA_BAD_OPTION`
 */
export function resolveSpecs(specs: readonly EmaSpec[], options: EmaOptions = {}): ResolvedSpec[] {
  const atOnce = hasSeedValue(options);
  return specs.map(({ n, alpha, warmup }) => {
    const length = warmup ?? options.minPeriods ?? (atOnce ? 1 : n);
    if (!Number.isSafeInteger(length) || length < 1) {
      throw new EmaError(
        'EMA_BAD_PERIOD',
        `warm-up of period ${n} is ${length}; expected a whole number of at least 1`,
        {
          context: { n, warmup: length },
        },
      );
    }
    const factor = alpha ?? alphaBar(n);
    if (!(n >= 1 && n < Infinity)) alphaBar(n);
    assertAlpha('alpha', factor);
    return { n, alpha: factor, warmup: length };
  });
}

/** The parameters as one line of text, from which the hash of the state is computed. */
export function describeParameters(specs: readonly ResolvedSpec[], options: ResolvedOptions): string {
  const seed = typeof options.seed === 'object' ? `value:${options.seed.value}` : options.seed;
  const lanes = specs.map((spec) => `${spec.n}/${spec.alpha}/${spec.warmup}`).join(',');
  return `seed=${seed};adjust=${options.adjust};ignoreNa=${options.ignoreNa};nan=${options.nan};specs=${lanes}`;
}
