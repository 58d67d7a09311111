import { commandOf, flag, type Argv, type CommandModule, type FlagsOf, type Surroundings } from '@ta/cli-kit';
import { htmlPage, pageCollector, sumsLine, verdictLine } from '@ta/validation';
import { selectionOptions } from '../check-flags.ts';
import { openOutputFile } from '../output-file.ts';
import { validate } from '../validate.ts';

const options = (yargs: Argv) =>
  selectionOptions(yargs).options({
    html: flag.text('File to write; it can be opened without a network', { demandOption: true }),
  });
export type ReportFlags = FlagsOf<typeof options>;

/** `validator report --html FILE`: the findings of `check` as an HTML page (docs/operations.md#validation). */
export function reportCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'report',
    describe: 'Check, and write an HTML page with findings, calendars and charts (read-only)',
    builder: options,
    handler: (flags) => report(around, flags),
  });
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
        around.print(verdictLine(result));
        around.print(`Report: ${flags.html}`);
      },
      close: () => file.close(),
    };
  });
}
