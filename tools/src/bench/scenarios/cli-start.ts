import { runCli, runNode, type ProcessCost } from '../cli-process.ts';
import { median } from '../measure.ts';
import type { Mode, Scenario } from '../scenario.ts';

const REPEATS: Record<Mode, number> = { quick: 7, full: 21 };

/** Measures how long an operator waits for the help text. */
export const cliStart: Scenario = {
  name: 'cli-start',
  async run(_bench, mode) {
    const bare: ProcessCost[] = [];
    const help: ProcessCost[] = [];
    await runCli(['--help']);
    for (let i = 0; i < REPEATS[mode]; i++) {
      bare.push(await runNode(['--eval', '0']));
      help.push(await runCli(['--help']));
    }
    const line = (name: string, costs: readonly ProcessCost[]) => [
      name,
      median(costs.map(({ seconds }) => seconds * 1000)),
      median(costs.map(({ cpuSeconds }) => cpuSeconds * 1000)),
    ];
    return {
      scenario: 'cli-start',
      about: `The built command, median of ${REPEATS[mode]} starts, in turns with a Node process that does nothing.`,
      tables: [
        {
          caption: 'Start of the command.',
          columns: ['', 'ms', 'CPU ms'],
          rows: [line('`ta --help`', help), line('`node --eval 0`', bare)],
        },
      ],
    };
  },
};
