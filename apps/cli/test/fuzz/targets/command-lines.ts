import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { runInside } from '../../kit/run-inside.ts';
import {
  damaged,
  expectHelpful,
  expectNoSecret,
  ODD_PIECES,
  SECRET,
  type FuzzTarget,
  type Verdict,
} from '../fuzz-target.ts';

/** Commands without those that open a port, make a demonstration, or send a message. */
const COMMANDS = [
  'refresh',
  'bars',
  'emas',
  'state',
  'sql',
  'gaps',
  'rejects',
  'runs',
  'db',
  'import',
  'logs',
  'export',
  'refesh',
  '',
];
const WORDS = [
  'show',
  'stale',
  'reset',
  'verify',
  'list',
  'migrate',
  'csv',
  'clean',
  'SELECT 1',
  '/nowhere.csv',
  '1',
  '-',
];
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  ids: ['1', 'all', '1,2', '0', '1,,2', ''],
  'as-of': ['2024-06-30', '2024-06-31', '2024-06-30T25:00Z', 'now', ''],
  start: ['2024-01-01', '2024-13-01', ''],
  end: ['2024-06-30', '1969-12-31', 'x'],
  periods: ['lut', '10,21', '0', '-1', '1e3'],
  tz: ['UTC', 'Mars/Base', '', 'america/new_york'],
  concurrency: ['1', '0', '33', '1.5', 'NaN', 'many'],
  'lookback-days': ['3', '-1', '1e9', '0x3'],
  'staleness-hours': ['48', '0', '-1', 'Infinity'],
  'timeout-bars': ['0', '604801', '1.5', ''],
  'wait-lock': ['0', '-1', 'x'],
  builders: ['1d', 'all', '1d,nothing', ''],
  only: ['v2', 'cal,cal', 'V2'],
  skip: ['1d', '1d,multi_tf,cal_us,cal_iso,cal_anchor_us,cal_anchor_iso'],
  shard: ['0/2', '2/2', '1', '0/99', 'a/b'],
  resume: ['', 'nothing', "x' OR true"],
  format: ['json', 'csv', 'xml'],
  hours: ['1', '-1', 'x'],
  days: ['30', '-1', 'x'],
  id: ['1', '0', '2147483648', '1.5', 'x'],
  'db-url': [`postgresql://u:${SECRET}@127.0.0.1:1/d`, `mysql://u:${SECRET}@h/d`, `u:${SECRET}`, ''],
  'log-level': ['debug', 'loud'],
  'on-backfill': ['warn', 'panic'],
};
const SWITCHES = [
  'all',
  'bars',
  'emas',
  'dry-run',
  'verbose',
  'quiet',
  'json',
  'full-rebuild',
  'no-alerts',
  'yes',
  'write',
  'Verbose',
  'nothing',
];

const valued = fc
  .constantFrom(...Object.keys(FLAGS))
  .chain((flag) =>
    fc.tuple(
      fc.constant(flag),
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...(FLAGS[flag] as string[])) },
        { weight: 1, arbitrary: fc.constantFrom(...ODD_PIECES) },
      ),
      fc.boolean(),
    ),
  )
  .map(([flag, value, isJoined]) => (isJoined ? [`--${flag}=${value}`] : [`--${flag}`, value]));
const switched = fc.constantFrom(...SWITCHES).map((flag) => [`--${flag}`]);
const word = damaged(fc.constantFrom(...WORDS)).map((text) => [text]);
const argv = fc
  .tuple(
    fc.constantFrom(...COMMANDS),
    fc.array(
      fc.oneof({ weight: 3, arbitrary: valued }, { weight: 2, arbitrary: switched }, { weight: 1, arbitrary: word }),
      { maxLength: 6 },
    ),
  )
  .map(([command, rest]) => [command, ...rest.flat()]);

/** Whole command lines, on a database that does not answer: a documented exit code, one clear message, no password. */
export const commandLinesTarget: FuzzTarget = {
  name: 'command lines',
  share: 20,
  async open() {
    const root = await mkdtemp(path.join(tmpdir(), 'ta-fuzz-'));
    const env = { DATABASE_URL: `postgresql://u:${SECRET}@127.0.0.1:1/d`, NO_COLOR: '1' };
    return {
      cases: argv,
      play: async (given) =>
        judge(await runInside(given as string[], { root, env, nowMs: Date.UTC(2024, 5, 30) }), given as string[]),
      close: () => rm(root, { recursive: true, force: true }),
    };
  },
};

function judge(
  { code, stdout, stderr }: { code: number; stdout: string; stderr: string },
  given: readonly string[],
): Verdict {
  // what stands alone on the line of its own author is no password of the database
  expectNoSecret(given.some((one) => one === SECRET) ? '' : stdout + stderr);
  if (code === 0) return 'accepted';
  if (![1, 2, 3, 4].includes(code)) throw new Error(`Exit code ${code}`);
  if (!stderr.includes('[ERROR]')) throw new Error(`Exit code ${code} without a word: ${stderr}`);
  // with --verbose the stack is asked for
  expectHelpful(given.includes('--verbose') ? stderr.replaceAll(/^(\w*Error: .*| {4}at .*)\n/gm, '') : stderr);
  return 'refused';
}
