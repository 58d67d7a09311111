import { banner, type Surroundings } from '@ta/cli-kit';
import type { Component } from '@ta/pipeline';

/** What a run is about to do, in words. */
export interface StartFacts {
  readonly components: readonly Component[];
  readonly idsText: string;
  readonly continueOnError: boolean;
  readonly stalenessHours: number;
  /** Whether a validation follows. */
  readonly hasValidation?: boolean;
}

/** The first lines of a run (docs/operations.md#logs). */
export function startBanner(around: Pick<Surroundings, 'print'>, command: string, facts: StartFacts): void {
  const names: string[] = facts.components.map((component) => (component === 'emas' ? 'EMAs' : component));
  if (facts.hasValidation === true) names.push('validation');
  around.print(banner(command === 'refresh' ? 'DAILY REFRESH ORCHESTRATOR' : `RUN ${command.toUpperCase()}`));
  around.print(`Components: ${names.join(' + ')}`);
  around.print(`IDs: ${facts.idsText}`);
  around.print(`Continue on error: ${facts.continueOnError}`);
  around.print(`Bar staleness threshold: ${facts.stalenessHours.toFixed(1)} hours\n`);
}
