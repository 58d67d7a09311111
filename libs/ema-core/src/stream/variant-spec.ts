import { alphaBar, alphaDailyEquivalent, alphaDailySpace } from '../alpha.ts';
import { EmaError } from '../errors.ts';
import { hashText, KERNEL_VERSION } from '../params-hash.ts';
import { assertPeriods } from '../periods.ts';

/**
 * Families of EMAs: `multi_tf` bar EMA with memoryless previews, `cal` calendar bars chained with the daily-space factor,
 * `cal_anchor` anchored calendar bars chained with the daily-equivalent factor, `v2` one EMA over all daily closes.
 * @see docs/emas.md#families
 */
export type EmaVariant = 'multi_tf' | 'cal' | 'cal_anchor' | 'v2';

/**
 * How the rows between two closes are computed from the bar EMA (`ema` of multi_tf, `ema_bar` of the calendar families):
 * memoryless, each from the latest closed bar, or chained, each from the day before. For research; stored data use the policy of
 * their family.
 * @see docs/emas.md#differences
 */
export type PreviewPolicy =
  | 'family'
  | 'memoryless_bar'
  | 'memoryless_daily_space'
  | 'memoryless_daily_equivalent'
  | 'chained_bar'
  | 'chained_daily_space'
  | 'chained_daily_equivalent';

/** What is computed for one timeframe of one asset. */
export interface VariantSpec {
  readonly variant: EmaVariant;
  /** Periods in bars, ascending and distinct. */
  readonly periods: readonly number[];
  /** Nominal days of one bar, a whole number of at least 1. */
  readonly tfDays: number;
  /** Default `'family'`; not for v2, which has no previews. */
  readonly previewPolicy?: PreviewPolicy;
}

/** Smoothing factors of one spec, one entry per period. */
export interface VariantAlphas {
  /** Step of the kernel: over bar closes, or over daily closes for v2. */
  readonly kernel: Float64Array;
  /** Daily step of the chained `ema` of the calendar families; empty for the others. */
  readonly chain: Float64Array;
  /** Step of the rows between two closes; empty for v2. */
  readonly preview: Float64Array;
}

type AlphaName = 'bar' | 'daily_space' | 'daily_equivalent';

/** Whether a variant has the second series `ema_bar`. */
export function hasBarSeries(variant: EmaVariant): boolean {
  return variant === 'cal' || variant === 'cal_anchor';
}

/** Kernel inputs that a period needs before its first value: `n` bars, or `n·T` days for v2. */
export function seedLength(spec: VariantSpec, period: number): number {
  return spec.variant === 'v2' ? period * spec.tfDays : period;
}

/**
 * Checks a spec.
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_OPTION`
 */
export function assertVariantSpec(spec: VariantSpec): void {
  assertPeriods(spec.periods);
  if (!Number.isSafeInteger(spec.tfDays) || spec.tfDays < 1) {
    throw new EmaError('EMA_BAD_PERIOD', `tfDays is ${spec.tfDays}; expected a whole number of at least 1`);
  }
  const known = FAMILY_PREVIEW[spec.variant] as string | null | undefined;
  if (known === undefined) {
    throw new EmaError('EMA_BAD_OPTION', `variant is "${spec.variant}"; expected multi_tf, cal, cal_anchor or v2`);
  }
  const policy = spec.previewPolicy ?? 'family';
  if (policy === 'family') return;
  if (known === null || !/^(memoryless|chained)_(bar|daily_space|daily_equivalent)$/.test(policy)) {
    throw new EmaError(
      'EMA_BAD_OPTION',
      `previewPolicy is "${policy}" for variant ${spec.variant}; expected "family"`,
      {
        hint: 'only multi_tf, cal and cal_anchor have previews: memoryless_… or chained_… with bar, daily_space, daily_equivalent',
      },
    );
  }
}

/** Smoothing factors of a (checked) spec. */
export function variantAlphas(spec: VariantSpec): VariantAlphas {
  const { variant, periods, tfDays } = spec;
  const column = (name: AlphaName) => Float64Array.from(periods, (n) => alphaOf(name, n, tfDays));
  if (variant === 'v2')
    return { kernel: column('daily_space'), chain: new Float64Array(0), preview: new Float64Array(0) };
  const chain = CHAIN_ALPHA[variant];
  return {
    kernel: column('bar'),
    chain: chain === null ? new Float64Array(0) : column(chain),
    preview: column(previewOf(spec).alpha),
  };
}

/** Whether the previews of a spec are computed from the latest closed bar instead of from the day before. */
export function isPreviewMemoryless(spec: VariantSpec): boolean {
  return spec.variant !== 'v2' && previewOf(spec).isMemoryless;
}

/**
 * Hash of everything except the periods that the stored numbers depend on: kernel version, variant, kinds of alphas, `tfDays`,
 * seed rule. The state stores it; a different hash causes a rebuild.
 * @returns 16 hexadecimal digits
 */
export function variantParamsHash(spec: VariantSpec): string {
  return hashText(describeVariant(spec));
}

/** The parameters as one line of text, from which {@link variantParamsHash} is computed. */
export function describeVariant(spec: VariantSpec): string {
  const { variant, tfDays } = spec;
  const preview = variant === 'v2' ? 'none' : policyName(spec);
  const chain = variant === 'v2' ? 'none' : (CHAIN_ALPHA[variant] ?? 'none');
  const kernel = variant === 'v2' ? 'daily_space' : 'bar';
  return `kernel=${KERNEL_VERSION};variant=${variant};alpha=${kernel};chain=${chain};preview=${preview};T=${tfDays};seed=sma`;
}

const FAMILY_PREVIEW: Readonly<Record<EmaVariant, PreviewPolicy | null>> = {
  multi_tf: 'memoryless_bar',
  cal: 'chained_daily_space',
  cal_anchor: 'chained_daily_equivalent',
  v2: null,
};

const CHAIN_ALPHA: Readonly<Record<Exclude<EmaVariant, 'v2'>, AlphaName | null>> = {
  multi_tf: null,
  cal: 'daily_space',
  cal_anchor: 'daily_equivalent',
};

function policyName(spec: VariantSpec): string {
  const policy = spec.previewPolicy ?? 'family';
  return policy === 'family' ? (FAMILY_PREVIEW[spec.variant] ?? 'none') : policy;
}

function previewOf(spec: VariantSpec): { isMemoryless: boolean; alpha: AlphaName } {
  const name = policyName(spec);
  const split = name.indexOf('_');
  return { isMemoryless: name.slice(0, split) === 'memoryless', alpha: name.slice(split + 1) as AlphaName };
}

function alphaOf(name: AlphaName, n: number, tfDays: number): number {
  if (name === 'bar') return alphaBar(n);
  return name === 'daily_space' ? alphaDailySpace(n, tfDays) : alphaDailyEquivalent(n, tfDays);
}
