import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresServer } from '@ta/tools';
import type { Arena, Place } from './arena.ts';
import { startCli, type CliEnd, type CliRun } from './cli-process.ts';
import { faultsOf, lost, reportedCommits, torn } from './content.ts';
import { refreshHere } from './run-here.ts';
import { REFRESH, type Scenario } from './small-world.ts';

/**
 * What happens to a run: it is killed without a word, told to end, its server stops as in a crash and is started
 * again, or it and its server die together.
 */
export type StrikeKind = 'kill' | 'terminate' | 'server' | 'both';

/**
 * One strike, at a moment given as a fraction of an undisturbed run: of the commits that it reports, and between two of them of
 * the time that they are apart. So it hits a living run also where the machine is quicker or slower by now.
 */
export interface Strike {
  readonly kind: StrikeKind;
  readonly at: number;
}

/** How far a run had come: `done` when it ended before the strike. */
export type Phase = 'start' | 'bars' | 'emas' | 'summary' | 'done';

/** What came of a scenario that was struck once or more, and then left in peace. */
export interface TrialResult {
  readonly scenario: Scenario;
  readonly strikes: readonly Strike[];
  readonly phases: readonly Phase[];
  /** Runs struck by a crash of the server that went on and finished. */
  readonly survived: number;
  /** Commits that struck runs had reported; all of them were looked for. */
  readonly reported: number;
  readonly seconds: number;
  /** What is wrong: empty when all is well. */
  readonly faults: readonly string[];
}

/** Exit codes that each strike may cause; null is the end by a signal. */
const POSSIBLE_CODES: Record<StrikeKind, readonly (number | null)[]> = {
  kill: [null],
  terminate: [143],
  server: [0, 1, 4],
  both: [null],
};

/** Strikes the runs of one scenario, runs it once more without a strike, and looks at what is stored. */
export async function runTrial(
  arena: Arena,
  scenario: Scenario,
  strikes: readonly Strike[],
  server?: PostgresServer,
): Promise<TrialResult> {
  const startedMs = performance.now();
  const place = await arena.place(scenario);
  const phases: Phase[] = [];
  const faults: string[] = [];
  let [survived, reported] = [0, 0];
  try {
    for (const strike of strikes) {
      const run = startCli([...REFRESH, ...place.args], place.env);
      await run.said(/Database: /);
      await untilMoment(run, strike.at, arena, scenario);
      const phase = phaseOf(run.output());
      await apply(strike.kind, run.kill, server);
      const end = await run.ended;
      const isDone = end.code === 0 && strike.kind !== 'server';
      phases.push(isDone ? 'done' : phase);
      if (strike.kind === 'server' && end.code === 0) survived++;
      if (!isDone && !POSSIBLE_CODES[strike.kind].includes(end.code)) faults.push(`after ${strike.kind}: ${told(end)}`);
      if (isDone) break; // nothing is left to be struck
      const output = run.output();
      reported += reportedCommits(output).length;
      const left = await place.inspectAsLeft(async (session) => [
        ...(await torn(session)).filter((fault) => !arena.planted[scenario].includes(fault)),
        ...(await lost(session, output, arena.undisturbed)),
      ]);
      faults.push(...left.map((fault) => `after ${strike.kind}: ${fault}`));
    }
    faults.push(...(await finishInPeace(arena, place)));
  } finally {
    await place.drop();
  }
  return { scenario, strikes, phases, survived, reported, seconds: (performance.now() - startedMs) / 1000, faults };
}

async function untilMoment(run: CliRun, at: number, arena: Arena, scenario: Scenario): Promise<void> {
  const stretches = arena.commits[scenario] + 1;
  const before = Math.floor(at * stretches);
  let isOver = false;
  void run.ended.then(() => (isOver = true));
  while (reportedCommits(run.output()).length < before && !isOver) await sleep(2);
  await sleep(((at * stretches - before) * arena.busySeconds[scenario] * 1000) / stretches);
}

async function apply(kind: StrikeKind, kill: (signal: NodeJS.Signals) => void, server?: PostgresServer): Promise<void> {
  if (kind === 'terminate') return kill('SIGTERM');
  if (kind === 'kill' || kind === 'both') kill('SIGKILL');
  if (kind === 'kill') return;
  if (server === undefined) throw new Error('This strike needs a server of its own.');
  await server.kill('immediate');
  await server.restart();
}

/** The run that no operator has to prepare. */
async function finishInPeace(arena: Arena, place: Place): Promise<string[]> {
  const end = await refreshHere(place);
  const faults = end.code === 0 ? [] : [`rerun: ${told(end)}`];
  return place.inspect(async (session) => {
    faults.push(...(await faultsOf(session, arena.undisturbed)));
    const runs = await session.query<{ run_id: string; status: string }>(
      `SELECT run_id, status FROM ops_runs WHERE status NOT IN ('ok', 'crashed', 'interrupted', 'failed')`,
    );
    return [...faults, ...runs.map((run) => `run ${run.run_id} is still ${run.status}`)];
  });
}

function phaseOf(output: string): Phase {
  if (!output.includes('RUNNING BAR BUILDERS')) return 'start';
  if (!output.includes('RUNNING EMA REFRESHERS')) return 'bars';
  return output.includes('SUMMARY') ? 'summary' : 'emas';
}

function told(end: Pick<CliEnd, 'code' | 'stderr'>): string {
  return `exit code ${end.code}, ${end.stderr.trim().split('\n').slice(-4).join(' / ')}`;
}
