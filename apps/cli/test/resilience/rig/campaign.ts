import type { PostgresServer } from '@ta/tools';
import type { Arena } from './arena.ts';
import { seededRandom } from './random.ts';
import type { Scenario } from './small-world.ts';
import { runTrial, type Phase, type Strike, type StrikeKind, type TrialResult } from './strike.ts';

/** How many runs are struck, how, and at which moments. */
export interface CampaignPlan {
  readonly scenarios: readonly Scenario[];
  /** Strikes that hit a living run; those that come too late do not count. */
  readonly strikes: number;
  readonly kinds: readonly StrikeKind[];
  /** Most strikes on one database before it is left in peace and compared. */
  readonly mostInARow: number;
  readonly seed: number;
  /** Needed for strikes on the server. */
  readonly server?: PostgresServer;
  /** Ends the campaign early, with the figures so far. */
  readonly signal?: AbortSignal;
  told?(result: TrialResult): void;
}

/** What came of a campaign. */
export interface CampaignFigures {
  strikes: number;
  /** Databases that were left in peace in the end and compared with the undisturbed one. */
  comparisons: number;
  readonly phases: Record<Phase, number>;
  survived: number;
  /** Commits that were reported before a strike, and looked for after it. */
  reported: number;
  /** Trials with something wrong. */
  readonly failures: TrialResult[];
}

/** Strikes runs at random moments until enough were hit. The seed fixes the moments, not what is hit at them. */
export async function runCampaign(arena: Arena, plan: CampaignPlan): Promise<CampaignFigures> {
  const random = seededRandom(plan.seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const figures: CampaignFigures = {
    ...{ strikes: 0, comparisons: 0, survived: 0, reported: 0, failures: [] },
    phases: { start: 0, bars: 0, emas: 0, summary: 0, done: 0 },
  };
  for (let trial = 0; figures.strikes < plan.strikes && plan.signal?.aborted !== true; trial++) {
    const scenario = plan.scenarios[trial % plan.scenarios.length] as Scenario;
    const left = plan.strikes - figures.strikes;
    const inARow = Math.min(left, 1 + Math.floor(random() * plan.mostInARow));
    const strikes = Array.from({ length: inARow }, (): Strike => ({ kind: pick(plan.kinds), at: random() }));
    const result = await runTrial(arena, scenario, strikes, plan.server);
    for (const phase of result.phases) figures.phases[phase]++;
    figures.strikes += result.phases.filter((phase) => phase !== 'done').length;
    figures.survived += result.survived;
    figures.reported += result.reported;
    figures.comparisons++;
    if (result.faults.length > 0) figures.failures.push(result);
    plan.told?.(result);
  }
  return figures;
}

/** Failures as text, with what is needed to see them again. */
export function failureText(figures: CampaignFigures): string[] {
  return figures.failures.map(({ scenario, strikes, faults }) => {
    const how = strikes.map(({ kind, at }) => `${kind} at ${at.toFixed(3)}`).join(', ');
    return `${scenario}, ${how}: ${faults.slice(0, 5).join('; ')}`;
  });
}
