import type { Result } from './report.ts';
import type { Workbench } from './workbench.ts';

/** `quick` shows that everything works and roughly how fast; `full` gives the numbers that are published. */
export type Mode = 'quick' | 'full';

/** One thing that is measured, from its data to its table. */
export interface Scenario {
  readonly name: string;
  run(bench: Workbench, mode: Mode): Promise<Result>;
}
