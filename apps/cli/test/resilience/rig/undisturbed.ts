import type { Place } from './arena.ts';
import { differences, inconsistencies, readContent, reportedCommits, torn, type Content } from './content.ts';
import { startCli } from './cli-process.ts';
import { REFRESH, type Scenario } from './small-world.ts';

/** What runs without any disturbance take and leave behind. */
export interface Undisturbed {
  readonly content: Content;
  /** What is torn before any run: a state row that an operator deleted is missed until its id is refreshed. */
  readonly planted: Readonly<Record<Scenario, readonly string[]>>;
  readonly busySeconds: Readonly<Record<Scenario, number>>;
  /** Commits that a run reports. */
  readonly commits: Readonly<Record<Scenario, number>>;
}

/**
 * Runs each scenario once in peace.
 * @throws Error when a run fails, or when two scenarios do not end in the same tables
 */
export async function runUndisturbed(
  scenarios: readonly Scenario[],
  place: (scenario: Scenario) => Promise<Place>,
): Promise<Undisturbed> {
  let content: Content | undefined;
  const busySeconds = { build: 0, daily: 0, reset: 0 };
  const commits = { build: 0, daily: 0, reset: 0 };
  const planted: Record<Scenario, readonly string[]> = { build: [], daily: [], reset: [] };
  for (const scenario of scenarios) {
    const own = await place(scenario);
    planted[scenario] = await own.inspect(torn);
    const run = await runInPeace(own);
    busySeconds[scenario] = run.seconds;
    commits[scenario] = reportedCommits(run.output).length;
    const [left, faults] = await own.inspect(
      async (session) => [await readContent(session), await inconsistencies(session)] as const,
    );
    faults.push(...differences((content ??= left), left));
    if (faults.length > 0) throw new Error(`Without disturbance, scenario ${scenario}: ${faults.join('; ')}`);
    await own.drop();
  }
  return { content: content as Content, planted, busySeconds, commits };
}

async function runInPeace(place: Place): Promise<{ readonly seconds: number; readonly output: string }> {
  const run = startCli([...REFRESH, ...place.args], place.env);
  await run.said(/Database: /);
  const startedMs = performance.now();
  const end = await run.ended;
  if (end.code !== 0) throw new Error(`An undisturbed run ended with ${end.code}:\n${run.output().slice(-2000)}`);
  return { seconds: (performance.now() - startedMs) / 1000, output: run.output() };
}
