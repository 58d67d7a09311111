import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const sources = spawnSync('git', ['ls-files', '-co', '--exclude-standard', 'libs/*/src/*.ts', 'apps/*/src/*.ts'], {
  cwd: ROOT,
  encoding: 'utf8',
  maxBuffer: 1e8,
})
  .stdout.split('\n')
  .filter((file) => file !== '' && !file.endsWith('.spec.ts') && existsSync(path.join(ROOT, file)));
const textOf = new Map(sources.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]));

/** What is decided or said in one place, how it looks there, and the place: its name answers who looks for it. */
const HOMES = [
  {
    what: 'whether bars and EMAs are appended, rewound or rebuilt',
    shows: /return [^;]*\{ kind: '(append|rewind|rebuild)'/,
    homes: ['libs/pipeline/src/plan/plan-daily.ts', 'libs/pipeline/src/plan/rebuild-or-append.ts'],
  },
  {
    what: 'what there is to do for an asset',
    shows: /function planAsset\b|\brebuildOrAppend\(\w+,|kind: 'forget', reason/,
    homes: ['libs/pipeline/src/plan/plan-asset.ts'],
  },
  {
    what: 'how old bars may be',
    shows: /=\s*48;|staleness\w*: 48\b/i,
    homes: ['libs/pipeline/src/default-staleness-hours.ts'],
  },
  {
    what: 'what the age of an asset means',
    shows: /\bageHours > /,
    homes: ['libs/pipeline/src/freshness.ts'],
  },
  {
    what: 'how far ahead of the clock a bar may lie',
    shows: /> nowMs \+ ONE_DAY_MS/,
    homes: ['libs/state-store/src/read/newest-days.ts'],
  },
  {
    what: 'that bars are stale',
    shows: /Bars stale for IDs/,
    homes: ['apps/cli/src/report/stale-bars.ts'],
  },
];

describe('has one home', () => {
  it.each(HOMES)('$what', ({ shows, homes }) => {
    const found = sources.filter((file) => shows.test(textOf.get(file) as string));
    expect(found.sort()).toStrictEqual(homes);
  });
});
