import type { Surroundings } from '@ta/cli-kit';
import { countKinds, isNoop, planRun, type AssetPlan, type Component, type Step, type StepKind } from '@ta/pipeline';
import { DEFAULT_STALENESS_HOURS } from '@ta/pipeline/default-staleness-hours';
import type { RefreshFlags } from './refresh-flags.ts';
import { UNASKED, type RunRequest } from './run-args.ts';
import { sampleSeed } from './run-validation.ts';
import { requestOf, type RefreshChoice, type RefreshKind } from './refresh-request.ts';
import { withUntouchedDatabase } from './untouched-database.ts';
import { startBanner } from './report/start-banner.ts';
import { printFreshness } from './report/stale-bars.ts';

/**
 * `--dry-run`: shows what a run would do, step by step (docs/operations.md). It changes nothing: it writes no rows, takes no lock,
 * writes no log and creates no database. If the database cannot be read, the plan is printed without counts.
 */
export async function dryRun(
  around: Surroundings,
  flags: RefreshFlags,
  kind: RefreshKind,
  choice: RefreshChoice,
): Promise<void> {
  const seen = await withUntouchedDatabase(around, flags.dbUrl, async (database, target) => {
    const assertExclusive = () => Promise.resolve();
    const open = { database, target, runId: 'dry-run', concurrency: 1, isReadOnly: true as const, assertExclusive };
    const request = await requestOf(
      around,
      flags,
      { components: kind.components, choice, signal: new AbortController().signal },
      open,
    );
    const plan = await database.transaction((tx) => planRun(tx, request), { readOnly: true });
    return { request, plan };
  });
  const components = seen?.request.components ?? kind.components;
  const isResuming = seen !== null && seen.request.resumedRunIds.length > 0;
  const told = isResuming ? flagsOfRun(flags, seen.request) : flags;
  const ids = isResuming ? seen.request.ids : choice.ids.kind === 'all' ? null : choice.ids.ids;
  const idsText = ids === null ? 'all' : ids.join(',');
  const stepsOf = (component: Component): readonly Step[] => {
    const { builders, refreshers } = seen?.request ?? choice;
    return component === 'bars' ? builders : refreshers;
  };
  const planned = components.map((component) => ({
    component,
    steps: stepsOf(component).map((step) => ({
      step,
      command: stepCommand(around, told, component, step, idsText),
      ids: seen === null ? null : countKinds(seen.plan, component, step),
    })),
  }));
  const validation = flags.validate === true ? [validationCommand(around, told, idsText, seen?.request.nowMs)] : [];
  const count = seen === null ? '' : ` (${seen.request.ids.length} id(s))`;
  startBanner(around, kind.command, {
    components,
    idsText: `${idsText}${count}`,
    continueOnError: seen?.request.continueOnError ?? flags.continueOnError,
    stalenessHours: seen?.request.stalenessHours ?? choice.rules.stalenessHours ?? DEFAULT_STALENESS_HOURS,
    hasValidation: flags.validate === true,
  });
  for (const { step, command, ids } of planned.flatMap(({ steps }) => steps)) {
    around.print(`[DRY RUN] ${step}: ${command}`);
    if (ids !== null) around.print(`  ${countsLine(ids)}`);
  }
  const freshness = seen?.plan.freshness ?? null;
  if (freshness !== null) printFreshness(around, freshness, flags, components.includes('bars'));
  for (const command of validation) around.print(`[DRY RUN] validation: ${command}`);
  around.print(`[DRY RUN] Would have executed ${components.length + validation.length} component(s)`);
  if (flags.json !== true) return;
  const document = {
    ...{ schema: 1, dryRun: true, ids: seen?.request.ids ?? null, components: planned, validation },
    staleIds: freshness?.stale ?? null,
    assets: seen === null ? null : seen.plan.assets.map(workOf).filter(({ steps }) => steps.length > 0),
  };
  around.write(`${JSON.stringify(document)}\n`);
}

/** What is done to an asset, step by step; steps that are up to date are left out. */
function workOf({ id, steps }: AssetPlan) {
  const work = steps.filter((step) => !isNoop(step));
  return {
    id,
    steps: work.map(({ component, step, table, timeframe, action, rows }) => ({
      ...{ component, step, table, timeframe, action: action.kind, reason: action.reason },
      ...(action.kind === 'rewind' ? { from: fromText(action.fromTsMs) } : {}),
      ...(rows === undefined ? {} : { rows }),
    })),
  };
}

/** Instant of the first row that is replaced; null for all rows. */
function fromText(fromTsMs: number): string | null {
  return Number.isFinite(fromTsMs) ? new Date(fromTsMs).toISOString() : null;
}

function countsLine(kinds: Readonly<Record<StepKind, number>>): string {
  const { full, incremental, backfill, upToDate, blocked } = kinds;
  const ids = full + incremental + backfill + upToDate + blocked;
  const left = blocked === 0 ? '' : `, blocked: ${blocked}`;
  return `ids: ${ids} (full: ${full}, incremental: ${incremental}, backfill: ${backfill}, up-to-date: ${upToDate}${left})`;
}

/** The flags that ask for what a resuming run does; zone and periods are those of the database. */
function flagsOfRun(flags: RefreshFlags, { settings, emaTables, ...request }: RunRequest): RefreshFlags {
  const { fullRebuild, onBackfill, lookbackDays, judgeEmas, emaDays } = settings;
  const hours = request.stalenessHours === DEFAULT_STALENESS_HOURS ? undefined : request.stalenessHours;
  const scheme = (kind: string) => {
    const [iso, us] = ['iso', 'us'].map((weeks) => emaTables?.has(`multi_tf_${kind}_${weeks}` as never) ?? true);
    return iso === us ? 'both' : us ? 'us' : 'iso';
  };
  return {
    ...flags,
    ...{ fullRebuild, onBackfill, lookbackDays, validateOutput: judgeEmas },
    ...{
      start: emaDays?.firstDay,
      end: emaDays?.lastDay,
      calScheme: scheme('cal'),
      anchorScheme: scheme('cal_anchor'),
    },
    ...{ continueOnError: request.continueOnError, deepCheck: request.isDeepCheck, asOf: request.clock },
    ...{ skipStaleCheck: request.skipStaleCheck, stalenessHours: hours },
    ...{ failOnRejects: request.failOnRejects?.bars, failOnValidation: request.failOnRejects?.emas },
  };
}

/** The command that validates what the run has stored. */
function validationCommand(
  around: Surroundings,
  flags: RefreshFlags,
  idsText: string,
  nowMs: number | undefined,
): string {
  const { dbUrl, asOf, stalenessHours, skipStaleCheck } = flags;
  return [
    `validator check --profile fast --ids ${idsText}`,
    ...(nowMs === undefined ? [] : [`--seed ${sampleSeed(nowMs)}`]),
    ...(dbUrl === undefined ? [] : [`--db-url ${around.redact(dbUrl)}`]),
    ...(asOf === undefined ? [] : [`--as-of ${asOf}`]),
    ...(stalenessHours === undefined ? [] : [`--staleness-hours ${stalenessHours}`]),
    ...(skipStaleCheck === true ? ['--skip-checks B09'] : []),
  ].join(' ');
}

/** The command that runs this step alone. */
function stepCommand(
  around: Surroundings,
  flags: RefreshFlags,
  component: string,
  step: Step,
  idsText: string,
): string {
  const words = [
    component === 'bars' ? `ta bars --builders ${step}` : `ta emas --only ${step}`,
    `--ids ${idsText}`,
    ...(flags.dbUrl === undefined ? [] : [`--db-url ${around.redact(flags.dbUrl)}`]),
    ...(flags.shard === undefined ? [] : [`--shard ${flags.shard.trim()}`]),
    ...(flags.distribute === true ? ['--distribute'] : []),
    ...(flags.fullRebuild ? ['--full-rebuild'] : []),
    ...(flags.continueOnError ? ['--continue-on-error'] : []),
    ...(flags.tz === undefined ? [] : [`--tz ${flags.tz}`]),
    ...(flags.asOf === undefined ? [] : [`--as-of ${flags.asOf}`]),
    ...(flags.allowUnknownIds ? ['--allow-unknown-ids'] : []),
    ...(component === 'bars' ? barWords(flags) : emaWords(flags, step)),
  ];
  return words.join(' ');
}

function barWords(flags: RefreshFlags): string[] {
  const { onBackfill = UNASKED.onBackfill, lookbackDays = UNASKED.lookbackDays } = flags;
  return [
    ...(onBackfill === UNASKED.onBackfill ? [] : [`--on-backfill ${onBackfill}`]),
    ...(lookbackDays === UNASKED.lookbackDays ? [] : [`--lookback-days ${lookbackDays}`]),
    ...(flags.deepCheck === true ? ['--deep-check'] : []),
    ...(flags.failOnRejects === true ? ['--fail-on-rejects'] : []),
  ];
}

function emaWords(flags: RefreshFlags, step: Step): string[] {
  const scheme = (of: Step, name: string, value: string | undefined) =>
    step === of && value !== undefined && value !== 'both' ? [`--${name} ${value}`] : [];
  return [
    ...(flags.periods === undefined ? [] : [`--periods ${[flags.periods].flat().join(',')}`]),
    ...scheme('cal', 'cal-scheme', flags.calScheme),
    ...scheme('cal_anchor', 'anchor-scheme', flags.anchorScheme),
    ...(flags.start === undefined ? [] : [`--start ${flags.start}`]),
    ...(flags.end === undefined ? [] : [`--end ${flags.end}`]),
    ...(flags.skipStaleCheck === true ? ['--skip-stale-check'] : []),
    ...(flags.stalenessHours === undefined ? [] : [`--staleness-hours ${flags.stalenessHours}`]),
    ...(flags.failOnValidation === true ? ['--fail-on-validation'] : []),
    ...(flags.validateOutput === false ? ['--no-validate-output'] : []),
  ];
}
