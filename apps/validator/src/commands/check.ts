import { commandOf, type CommandModule, type Surroundings } from '@ta/cli-kit';
import {
  CHECKS,
  checkById,
  csvReport,
  jsonReport,
  junitReport,
  scopeOf,
  sumsLine,
  tableReport,
  type Report,
  type ValidationRequest,
  type Write,
  verdictLine,
} from '@ta/validation';
import { checkOptions, type CheckFlags } from '../check-flags.ts';
import { openOutputFile } from '../output-file.ts';
import { validate } from '../validate.ts';

/** `validator check`: runs the checks; its exit code says whether they passed (docs/operations.md#validation). */
export function checkCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'check',
    describe: 'Check every stored bar and EMA (read-only)',
    builder: checkOptions,
    handler: async (flags) => {
      if (flags.explain !== undefined) around.write(explanation(flags.explain));
      else if (flags.list) around.write(list());
      else await check(around, flags);
    },
  });
}

/** Validates as the flags say and writes the report, to stdout or a file. */
export async function check(around: Surroundings, flags: CheckFlags): Promise<void> {
  await validate(around, flags, (request) => {
    const file = flags.out === undefined ? null : openOutputFile(around, 'out', flags.out);
    const report = reportOf(flags, request, file === null ? (text) => around.write(text) : (text) => file.write(text));
    return {
      finding: (finding) => report.finding(finding),
      checkFinished: (outcome) => report.checkFinished(outcome),
      finish(result) {
        report.finish(result);
        if (file === null) return;
        file.finish();
        around.print(sumsLine(result));
        around.print(verdictLine(result));
      },
      close: () => file?.close(),
    };
  });
}

function reportOf(flags: CheckFlags, request: ValidationRequest, write: Write): Report {
  if (flags.format === 'json') return jsonReport(write, request);
  if (flags.format === 'csv') return csvReport(write);
  if (flags.format === 'junit') return junitReport(write);
  return tableReport(write, { limit: flags.limit });
}

function list(): string {
  const rows = CHECKS.map(
    ({ id, name, severity, kind }) => `${id}  ${name.padEnd(20)} ${severity.padEnd(8)} ${kind}\n`,
  );
  return `check  name                 severity kind\n${rows.map((row) => row.replace('  ', '    ')).join('')}`;
}

function explanation(id: string): string {
  const { name, severity, kind, columns, explanation: text, whatToDo, id: known } = checkById(id);
  return [
    `${known} ${name} (${scopeOf({ id: known })}, ${severity}, ${kind})`,
    '',
    text,
    '',
    `Columns of its findings: ${columns.join(', ')}`,
    `What to do: ${whatToDo}`,
    '',
  ].join('\n');
}
