import { readChanges, readOverview, type DailyOverview, type Overview, type Session } from '@ta/state-store';
import { BUILDERS, EMA_SOURCES, REFRESHERS, type Builder, type EmaSource } from './components.ts';
import { barDigest, emaDigest } from './pending.ts';
import type { RefreshRequest } from './refresh.ts';
import type { Step } from './run-report.ts';

/** What a step would do to an id, from the least work to the most. */
const KINDS = ['upToDate', 'incremental', 'backfill', 'full'] as const;
export type ForecastKind = (typeof KINDS)[number];

/** How many ids of a run each step would work on, and how. */
export interface StepForecast {
  readonly step: Step;
  readonly ids: Readonly<Record<ForecastKind, number>>;
}

/** What a run would do, judged from state and the invalidation log alone; nothing is written (operations.md 1.5). */
export interface Forecast {
  readonly steps: readonly StepForecast[];
  /** Ids whose daily bars the run would touch. */
  readonly pendingDailyIds: ReadonlySet<number>;
  /** Newest stored daily bar per id, epoch ms. */
  readonly lastSourceTs: ReadonlyMap<number, number>;
}

/** Judges every selected step for every id of the request, in a fixed number of queries. */
export async function forecast(session: Session, request: RefreshRequest): Promise<Forecast> {
  const overview = await readOverview(session);
  const changedFrom = new Map((await readChanges(session)).map(({ id, firstTs }) => [id, firstTs as number]));
  const judge = new Judge(request, overview, changedFrom);
  const steps = [
    ...(request.components.includes('bars') ? BUILDERS.filter((step) => request.builders.includes(step)) : []),
    ...(request.components.includes('emas') ? REFRESHERS.filter((step) => request.refreshers.includes(step)) : []),
  ];
  return {
    steps: steps.map((step) => ({ step, ids: count(request.ids.map((id) => judge.step(step, id))) })),
    pendingDailyIds: new Set(request.ids.filter((id) => judge.daily(id) !== 'upToDate')),
    lastSourceTs: new Map(
      [...overview.daily].flatMap(([id, daily]) => (daily.lastSourceTs === null ? [] : [[id, daily.lastSourceTs]])),
    ),
  };
}

function count(kinds: readonly ForecastKind[]): Record<ForecastKind, number> {
  const of = (kind: ForecastKind) => kinds.filter((found) => found === kind).length;
  return { upToDate: of('upToDate'), incremental: of('incremental'), backfill: of('backfill'), full: of('full') };
}

const most = (...kinds: readonly ForecastKind[]): ForecastKind =>
  KINDS[Math.max(...kinds.map((kind) => KINDS.indexOf(kind)))] as ForecastKind;

class Judge {
  private readonly barDigests = new Map<string, string>();
  private readonly emaDigests = new Map<string, string>();

  constructor(
    private readonly request: RefreshRequest,
    private readonly overview: Overview,
    private readonly changedFrom: ReadonlyMap<number, number>,
  ) {}

  step(step: Step, id: number): ForecastKind {
    if (this.request.settings.fullRebuild) return 'full';
    if (step in EMA_SOURCES) {
      const sources = EMA_SOURCES[step as keyof typeof EMA_SOURCES].filter(
        ({ table }) => this.request.emaTables === undefined || this.request.emaTables.has(table),
      );
      const isAgain = this.request.settings.emaDays?.firstDay !== undefined && this.overview.daily.has(id);
      return most(isAgain ? 'backfill' : 'upToDate', ...sources.map((source) => this.emas(source, id)));
    }
    return this.bars(step as Builder, id);
  }

  private bars(builder: Builder, id: number): ForecastKind {
    return builder === '1d' ? this.daily(id) : most(this.daily(id), this.family(builder, id));
  }

  /** The 1D step of this run; up to date where the run has none. */
  daily(id: number): ForecastKind {
    const { request, overview } = this;
    if (!request.components.includes('bars') || !request.builders.includes('1d')) return 'upToDate';
    if (request.settings.fullRebuild) return 'full';
    const daily = overview.daily.get(id);
    if (daily === undefined || daily.zone !== request.settings.zone) return 'full';
    const changedFrom = this.changedFrom.get(id);
    if (changedFrom === undefined) return 'upToDate';
    return daily.lastSourceTs !== null && changedFrom <= daily.lastSourceTs ? 'backfill' : 'incremental';
  }

  private family(family: Exclude<Builder, '1d'>, id: number): ForecastKind {
    const { settings } = this.request;
    const daily = this.overview.daily.get(id);
    if (daily === undefined) return 'upToDate';
    const bars = this.overview.bars[family].get(id);
    const digest = this.digest(this.barDigests, family, () => barDigest(settings, family));
    if (bars === undefined || bars.digest !== digest || bars.zone.some((zone) => zone !== settings.zone)) return 'full';
    return behind(daily, bars.sourceBuiltAtMs, bars.sourceRevision, bars.dailyMaxTs);
  }

  private emas(source: EmaSource, id: number): ForecastKind {
    const { overview, request } = this;
    const isFed =
      request.components.includes('bars') && (source.bars === null || request.builders.includes(source.bars));
    const fed = isFed ? this.bars(source.bars ?? '1d', id) : 'upToDate';
    const daily = overview.daily.get(id);
    if (daily === undefined) return fed;
    const emas = overview.emas[source.table].get(id);
    const resetStampMs = overview.resetStamps.get(id);
    const digest = this.digest(this.emaDigests, source.table, () => emaDigest(request.settings, source));
    if (emas === undefined || resetStampMs === undefined || emas.digest !== digest) return 'full';
    if (emas.resetStampMs.some((stamp) => stamp !== resetStampMs)) return 'full';
    return most(fed, behind(daily, emas.dailyBuiltAtMs, emas.sourceRevision, emas.lastTs));
  }

  private digest(known: Map<string, string>, key: string, make: () => string): string {
    const digest = known.get(key) ?? make();
    known.set(key, digest);
    return digest;
  }
}

type Range = readonly [number | null, number | null];

/** How a derived step stands to the daily bars as they are stored. */
function behind(daily: DailyOverview, builtAtMs: Range, revision: Range, lastTs: Range): ForecastKind {
  if (builtAtMs.some((stamp) => stamp !== daily.fullBuiltAtMs)) return 'full';
  if (revision.some((seen) => seen !== daily.revision)) return 'backfill';
  return lastTs.some((ts) => ts !== daily.lastSourceTs) ? 'incremental' : 'upToDate';
}
