import { describe, expect, it } from 'vitest';
import { readSurroundings } from '@ta/cli-kit';
import { runCommandLine } from './command-line.ts';

/** Surroundings that hold what is said, and nothing that a database could be opened with. */
async function run(line: string): Promise<{ code: number; said: string }> {
  let said = '';
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const warn = (text: string) => void (said += `${text}\n`);
    await runCommandLine(line.split(' '), { ...readSurroundings(), warn });
    return { code: Number(process.exitCode ?? 0), said };
  } finally {
    process.exitCode = before;
  }
}

describe('validator', () => {
  it.each([
    ['check --db-url --profile fast', '--db-url needs a value', 'check'],
    ['check --db-url=', '--db-url: expected a value, got ""', 'check'],
    ['check --no-db-url', '--db-url needs a value', 'check'],
    ['check --profile --save', '--profile needs a value', 'check'],
    ['check --profile fast --profile full', '--profile is given 2 times', 'check'],
    ['check --since 2024-01-01 --since 2024-02-01', '--since is given 2 times', 'check'],
    [
      'check --since 2024-02-01 --until 2024-01-01',
      '--until: 2024-01-01 does not lie after --since 2024-02-01',
      'check',
    ],
    ['check --scope bars --checks E01', 'No check is selected', 'check'],
    ['check --fail-on INFO', '--fail-on: "INFO" is not one of WARNING, ERROR, CRITICAL', 'check'],
    ['check --tolerence 1', 'Unknown flag --tolerence', 'check'],
    ['report', 'Missing: --html', 'report'],
    ['report --html --ids 1', '--html needs a value', 'report'],
    ['history --limit --format json', '--limit needs a value', 'history'],
    ['chekc', 'Did you mean check?', ''],
  ])('%s is refused', async (line, says, command) => {
    const { code, said } = await run(line);
    expect(said).toContain(`[ERROR]`);
    expect(said).toContain(says);
    expect(said).toContain(`Help: validator ${command === '' ? '' : `${command} `}--help`);
    expect(code).toBe(2);
  });
});
