import {
  assertNumber,
  assertWhole,
  CliError,
  EXIT,
  formatIds,
  parseIds,
  parseInstantFlag,
  selectNames,
  type Surroundings,
  unknownIds,
} from '@ta/cli-kit';
import type { Component, EmaSource } from '@ta/pipeline';
import type { OpenDatabase } from './writable-database.ts';
import { parseEmaDays, parsePeriods, type RefreshFlags } from './refresh-flags.ts';
import { finishedBy, rulesOfRun, runIdsOf, runToResume, taskOfRun } from './resume.ts';
import { UNASKED, UNRULED, type RunRequest, type RunRules, type RunTask } from './run-args.ts';
import { assertQueueServer } from './server-only.ts';
import { settingsFor } from './stored-settings.ts';
import { idsOfShard, parseShardOf, shardText } from './shard.ts';

/** Ids refreshed in parallel on PostgreSQL by default. */
export const DEFAULT_CONCURRENCY = 4;

/** The command, and the heading of its summary. */
export interface RefreshKind {
  readonly command: 'refresh' | 'bars' | 'emas';
  readonly title: string;
  readonly noun: 'component' | 'builder' | 'refresher';
  readonly components: readonly Component[];
}

/** Flags that were validated before the database is opened. */
export type RefreshChoice = Awaited<ReturnType<typeof checkedChoice>>;

/** Validates everything that can be validated before the database is opened. */
export async function checkedChoice(around: Surroundings, flags: RefreshFlags, components: readonly Component[]) {
  const { BUILDERS, REFRESHERS } = await import('@ta/pipeline');
  const { canonicalZone } = await import('@ta/bars-core/engine');
  const ids = parseIds(flags.ids);
  const builders = selectNames(
    BUILDERS,
    { only: flags.builders, skip: flags.skip },
    { only: '--builders', skip: '--skip', noun: 'builders' },
  );
  const refreshers = selectNames(
    REFRESHERS,
    { only: flags.only },
    { only: '--only', skip: '--skip', noun: 'refreshers' },
  );
  assertWhole('concurrency', flags.concurrency, 1, 32);
  if (flags.lookbackDays !== undefined) assertWhole('lookback-days', flags.lookbackDays, 0);
  for (const [name, value] of [
    ['timeout-bars', flags.timeoutBars],
    ['timeout-emas', flags.timeoutEmas],
  ] as const) {
    if (value !== undefined) assertNumber(name, value, isSeconds, 'whole seconds, 0 (no limit) to 604800');
  }
  const zone = flags.tz === undefined ? undefined : canonicalZone(flags.tz);
  if (flags.failOnValidation === true && flags.validateOutput === false) {
    throw new CliError('CLI_CONFLICT', '--fail-on-validation and --no-validate-output exclude each other');
  }
  if (flags.distribute === true) await assertDistributable(around, flags);
  if (components.includes('bars') && !builders.includes('1d')) {
    around.warn('[INFO] 1d is left out: the other builders use the daily bars that are stored');
  }
  if (flags.skipStaleCheck === true && flags.resume === undefined && !components.includes('emas')) {
    around.warn('[WARNING] --skip-stale-check has no effect without EMAs');
  } else if (flags.skipStaleCheck === true && flags.stalenessHours !== undefined) {
    around.warn('[WARNING] --staleness-hours is ignored with --skip-stale-check');
  }
  const asOf = flags.asOf ?? around.env['REFRESH_AS_OF'];
  return {
    ids,
    builders,
    refreshers,
    zone,
    shard: flags.shard === undefined ? undefined : await parseShardOf(around, flags.shard, flags.dbUrl),
    rules: rulesOfFlags(flags, asOf === undefined ? undefined : parseInstantFlag('as-of', asOf, 'end')),
    periods: parsePeriods(flags.periods),
    emaDays: parseEmaDays(flags),
    nowMs: around.now(),
  };
}

/** @throws CliError `CLI_QUEUE_NEEDS_SERVER`, `CLI_CONFLICT` */
async function assertDistributable(around: Surroundings, flags: RefreshFlags): Promise<void> {
  await assertQueueServer(around, flags.dbUrl, '--distribute');
  if (flags.shard !== undefined) {
    throw new CliError('CLI_CONFLICT', '--distribute and --shard exclude each other', {
      hint: 'Workers share the ids among themselves.',
    });
  }
  if (flags.concurrency === undefined) return;
  throw new CliError('CLI_CONFLICT', '--distribute and --concurrency exclude each other', {
    hint: 'Set the number of parallel ids on each worker: ta worker --concurrency 4',
  });
}

/** A week at most, since timers allow no more than 24 days. */
function isSeconds(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 604_800;
}

/** What a run was started with besides its flags. */
export interface RequestedRun {
  readonly components: readonly Component[];
  readonly choice: RefreshChoice;
  /** Ends the run. */
  readonly signal: AbortSignal;
}

/**
 * Makes the request of a run from its flags (or the run that it resumes), the settings of the database, and
 * the ids that these select.
 */
export async function requestOf(
  around: Surroundings,
  flags: RefreshFlags,
  { components, choice, signal }: RequestedRun,
  open: OpenDatabase,
): Promise<RunRequest> {
  const { loadSettings } = await import('@ta/pipeline');
  const ownShard = choice.shard === undefined ? undefined : shardText(choice.shard);
  const resumed = flags.resume === undefined ? null : await runToResume(around, flags.resume, ownShard, open);
  const asked = taskOfFlags(flags, components, choice);
  const rules = resumed === null ? { ...UNRULED, ...choice.rules } : rulesOfRun(resumed, choice.rules);
  const named = choice.ids.kind === 'all' ? undefined : choice.ids.ids;
  const usual = { ...UNASKED, components, builders: choice.builders, refreshers: choice.refreshers };
  const task: RunTask = resumed === null ? { ...usual, ...asked } : taskOfRun(resumed, asked, named);
  const selected = resumed?.args.ids ?? (await expandIds(around, choice.ids, flags, open));
  const ids = choice.shard === undefined ? selected : idsOfShard(selected, choice.shard);
  if (choice.shard !== undefined) {
    around.warn(`[INFO] Shard ${ownShard}: ${ids.length} of ${selected.length} id(s)`);
  }
  const isOfAllIds = choice.ids.kind === 'all' && choice.shard === undefined && resumed === null;
  const settled = await settingsFor(around, open, { ...task, isRebuild: task.fullRebuild && isOfAllIds });
  const settings = await open.database.session((session) =>
    loadSettings(session, {
      runId: open.runId,
      zone: settled.zone,
      periods: settled.periods === 'lut' ? undefined : settled.periods,
      emaDays: parseEmaDays(task),
      judgeEmas: task.judgeEmas,
      fullRebuild: task.fullRebuild,
      lookbackDays: task.lookbackDays,
      onBackfill: task.onBackfill,
    }),
  );
  if (task.fullRebuild) around.warn(`[WARNING] Full rebuild processes entire history for ${ids.length} id(s)`);
  return {
    components: task.components,
    builders: task.builders,
    refreshers: task.refreshers,
    emaTables: task.emaTables === null ? undefined : new Set(task.emaTables),
    ids,
    settings,
    nowMs: rules.clock === undefined ? choice.nowMs : Date.parse(rules.clock),
    stalenessHours: rules.stalenessHours,
    skipStaleCheck: rules.skipStaleCheck,
    continueOnError: rules.continueOnError,
    concurrency: open.concurrency,
    timeoutMs: { bars: (flags.timeoutBars ?? 0) * 1000, emas: (flags.timeoutEmas ?? 0) * 1000 },
    failOnRejects: { bars: rules.failOnRejects, emas: rules.failOnValidation },
    finished: resumed === null ? undefined : await finishedBy(resumed, open),
    shard: ownShard ?? resumed?.args.shard,
    resumedRunIds: resumed === null ? [] : runIdsOf(resumed),
    isDeepCheck: rules.isDeepCheck,
    clock: rules.clock,
    signal,
    assertExclusive: open.assertExclusive,
  };
}

/** The parts of a task that flags ask for. */
function taskOfFlags(
  flags: RefreshFlags,
  components: readonly Component[],
  { builders, refreshers, zone, periods }: RefreshChoice,
): Partial<RunTask> {
  const { fullRebuild, lookbackDays, onBackfill, validateOutput, calScheme, anchorScheme, start, end } = flags;
  const task: Partial<RunTask> = {
    components: components.length === 0 ? undefined : components,
    builders: flags.builders === undefined && flags.skip === undefined ? undefined : builders,
    refreshers: flags.only === undefined ? undefined : refreshers,
    emaTables: calScheme === undefined && anchorScheme === undefined ? undefined : schemeTables(flags),
    fullRebuild: fullRebuild ? true : undefined,
    judgeEmas: validateOutput,
    ...{ zone, periods, lookbackDays, onBackfill, start, end },
  };
  return Object.fromEntries(Object.entries(task).filter(([, value]) => value !== undefined));
}

/** The rules given by the flags. @param nowMs the clock given by the flags, epoch ms */
function rulesOfFlags(flags: RefreshFlags, nowMs: number | undefined): Partial<RunRules> {
  const { stalenessHours } = flags;
  return {
    ...(flags.skipStaleCheck === true ? { skipStaleCheck: true } : {}),
    ...(stalenessHours === undefined ? {} : { stalenessHours }),
    ...(flags.continueOnError ? { continueOnError: true } : {}),
    ...(flags.deepCheck === true ? { isDeepCheck: true } : {}),
    ...(flags.failOnRejects === true ? { failOnRejects: true } : {}),
    ...(flags.failOnValidation === true ? { failOnValidation: true } : {}),
    ...(nowMs === undefined ? {} : { clock: new Date(nowMs).toISOString() }),
  };
}

/** EMA tables selected by `--cal-scheme` and `--anchor-scheme`; null when both are `both`. */
function schemeTables(flags: RefreshFlags): EmaSource['table'][] | null {
  const of = (scheme: string | undefined) => (scheme === undefined || scheme === 'both' ? ['us', 'iso'] : [scheme]);
  const tables = [
    'multi_tf',
    ...of(flags.calScheme).map((scheme) => `multi_tf_cal_${scheme}`),
    ...of(flags.anchorScheme).map((scheme) => `multi_tf_cal_anchor_${scheme}`),
    'multi_tf_v2',
  ] as EmaSource['table'][];
  return tables.length === 6 ? null : tables;
}

/** Ids of the run, ascending (docs/operations.md#commands). */
async function expandIds(
  around: Surroundings,
  selection: ReturnType<typeof parseIds>,
  flags: RefreshFlags,
  open: OpenDatabase,
): Promise<readonly number[]> {
  const { readAssets } = await import('@ta/state-store');
  const assets = await open.database.session((session) => readAssets(session));
  const known = new Set(assets.map((asset) => asset.id));
  if (selection.kind === 'all') {
    await tellStrayIds(around, open, known);
    const active = assets.filter((asset) => asset.isActive).map((asset) => asset.id);
    if (active.length > 0) return active;
    throw new CliError('CLI_NO_ASSETS', 'No active assets in dim_assets', {
      exitCode: EXIT.failed,
      hint:
        assets.length === 0
          ? 'Import prices first: ta import csv FILE --id N'
          : `All of its ${assets.length} assets are inactive (is_active): name those to refresh, e.g. --ids ${assets[0]?.id}`,
    });
  }
  if (selection.duplicates.length > 0) around.warn(`[INFO] Duplicate ids ignored: ${formatIds(selection.duplicates)}`);
  const unknown = selection.ids.filter((id) => !known.has(id));
  const left = selection.ids.filter((id) => known.has(id));
  if (unknown.length === 0) return left;
  const refusal = unknownIds(
    unknown,
    'Add the asset to dim_assets (ta import csv does), or pass --allow-unknown-ids to drop unknown ids.',
  );
  if (!flags.allowUnknownIds || left.length === 0) throw refusal;
  around.warn(`[WARNING] ${refusal.message}; dropped`);
  return left;
}

/** Warns of ids that have prices but no asset: no run reads them, and their entries stay in the log of changes until the prices are deleted. */
async function tellStrayIds(around: Surroundings, open: OpenDatabase, known: ReadonlySet<number>): Promise<void> {
  const { forgetChanges, readChanges, readIdsWithSource } = await import('@ta/state-store');
  // if the log of changes cannot be read, the bars fail and report it
  const changes = await open.database
    .session((session) => readChanges(session))
    .catch(() => new Map<number, unknown>());
  const unknown = [...changes.keys()].filter((id) => !known.has(id));
  const forgotten =
    open.isReadOnly === true ? 0 : await open.database.session((session) => forgetChanges(session, unknown));
  if (forgotten > 0) {
    around.warn(`[INFO] Removed from the change log: ${forgotten} changes of ids with neither asset nor prices`);
  }
  const stray = [...(await open.database.session((session) => readIdsWithSource(session, unknown)))];
  if (stray.length === 0) return;
  around.warn(`[WARNING] Prices of ids ${formatIds(stray)} are ignored: not in dim_assets (id, name)`);
}
