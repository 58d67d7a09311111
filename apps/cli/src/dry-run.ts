import type { Surroundings } from '@ta/cli-kit';
import { countKinds, planRun, type Step, type StepKind } from '@ta/pipeline';
import type { RefreshFlags } from './refresh-flags.ts';
import { requestOf, type RefreshChoice, type RefreshKind } from './refresh-request.ts';
import { withUntouchedDatabase } from './untouched-database.ts';
import { startBanner } from './report/start-banner.ts';
import { printFreshness } from './report/stale-bars.ts';

/**
 * `--dry-run`: what a run would do, step by step (docs/operations.md). Nothing is changed: no rows, no lock, no log, no
 * database made. A database that cannot be asked costs the counts, not the plan.
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
    const request = await requestOf(around, flags, kind.components, choice, open, new AbortController().signal);
    const plan = await database.transaction((tx) => planRun(tx, request), { readOnly: true });
    return { request, plan };
  });
  const components = seen?.request.components ?? kind.components;
  const idsText = choice.ids.kind === 'all' ? 'all' : choice.ids.ids.join(',');
  const count = seen === null ? '' : ` (${seen.request.ids.length} id(s))`;
  startBanner(around, kind.command, {
    components,
    idsText: `${idsText}${count}`,
    continueOnError: flags.continueOnError,
    stalenessHours: choice.stalenessHours,
    hasValidation: flags.validate === true,
  });
  for (const component of components) {
    const steps: readonly Step[] =
      component === 'bars'
        ? (seen?.request.builders ?? choice.builders)
        : (seen?.request.refreshers ?? choice.refreshers);
    for (const step of steps) {
      around.print(`[DRY RUN] ${step}: ${stepCommand(around, flags, component, step, idsText)}`);
      if (seen !== null) around.print(`  ${countsLine(countKinds(seen.plan, component, step))}`);
    }
  }
  const freshness = seen?.plan.freshness ?? null;
  if (freshness !== null) printFreshness(around, freshness, flags, components.includes('bars'));
  const hasValidation = flags.validate === true;
  if (hasValidation) around.print(`[DRY RUN] validation: validator check --profile fast --ids ${idsText}`);
  around.print(`[DRY RUN] Would have executed ${components.length + (hasValidation ? 1 : 0)} component(s)`);
}

function countsLine(kinds: Readonly<Record<StepKind, number>>): string {
  const { full, incremental, backfill, upToDate, blocked } = kinds;
  const ids = full + incremental + backfill + upToDate + blocked;
  const left = blocked === 0 ? '' : `, blocked: ${blocked}`;
  return `ids: ${ids} (full: ${full}, incremental: ${incremental}, backfill: ${backfill}, up-to-date: ${upToDate}${left})`;
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
  return [
    ...(flags.onBackfill === 'rebuild' ? [] : [`--on-backfill ${flags.onBackfill}`]),
    ...(flags.lookbackDays === 3 ? [] : [`--lookback-days ${flags.lookbackDays}`]),
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
