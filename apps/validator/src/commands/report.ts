import type { Argv, CommandModule, Surroundings } from '@ta/cli-kit';
import { htmlPage, pageCollector, sumsLine } from '@ta/validation';
import { selectionOptions, type CheckFlags } from '../check-flags.ts';
import { openOutputFile } from '../output-file.ts';
import { validate } from '../validate.ts';

/** Flags of `validator report`. */
export interface ReportFlags extends CheckFlags {
  html: string;
}

/** `validator report --html FILE`: what `check` finds, as one page to look at (docs/operations.md#validation). */
export function reportCommand(around: Surroundings): CommandModule {
  return {
    command: 'report',
    describe: 'Check, and write an HTML page with findings, calendars and charts; reads only',
    builder: (yargs: Argv) =>
      selectionOptions(yargs).option('html', {
        type: 'string',
        demandOption: true,
        describe: 'File to write; it opens offline',
      }),
    handler: (args) => report(around, args as unknown as ReportFlags),
  };
}

/** Validates as the flags say and writes the page; the exit code is that of `check`. */
export async function report(around: Surroundings, flags: ReportFlags): Promise<void> {
  await validate(around, flags, () => {
    const file = openOutputFile(around, 'html', flags.html);
    const collector = pageCollector();
    return {
      finding: (finding) => collector.finding(finding),
      afterChecks: (context) => collector.read(context),
      finish(result, database) {
        file.write(htmlPage(collector.finish(result, database.target)));
        file.finish();
        around.print(sumsLine(result));
        around.print(result.isPassed ? '[OK] Validation passed' : '[FAILED] Validation failed');
        around.print(`Report: ${flags.html}`);
      },
      close: () => file.close(),
    };
  });
}
