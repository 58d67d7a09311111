import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT_CODE_HELP } from '@ta/cli-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedTables, hashTables, markTables } from './kit/hash.ts';
import { runInside } from './kit/run-inside.ts';
import { AS_OF_MS, createWorld, hasPostgres, type World } from './kit/world.ts';
import { holdSession, type HeldSession } from './resilience/rig/hold-table.ts';

/** A mistake of a first-time user: what was typed, the exit code, what the message says, and the way out. */
type Mistake = readonly [typed: string, code: number, says: string | RegExp, wayOut: string | RegExp];

const files = mkdtempSync(path.join(tmpdir(), 'ta-mistakes-'));
const file = (name: string, text: string) => {
  writeFileSync(path.join(files, name), text);
  return path.join(files, name);
};
const good = file(
  'good.csv',
  'SNo,Name,Symbol,Date,High,Low,Open,Close,Volume,Marketcap\n1,Made,MAD,2024-01-01 23:59:59,2,1,1,2,5,5\n',
);
const notes = file('notes.txt', 'these are notes\n');
const empty = file('empty.csv', '');
const nothing = mkdtempSync(path.join(files, 'nothing-'));
const binary = file('picture.csv', '\u0000\u0001\u0002PNG');

const FLAGS: readonly Mistake[] = [
  ['', 2, 'Name a command', 'Help: ta --help'],
  ['refesh --all', 2, 'Unknown command "refesh"', 'Did you mean refresh?'],
  ['refresh_all', 2, 'Unknown command "refresh_all"', 'Did you mean refresh?'],
  ['run', 2, 'Unknown command "run"', 'Commands: refresh, bars, emas'],
  ['refresh', 2, 'Must specify one of --bars, --emas or --all', 'ta refresh --all'],
  ['refresh --al', 2, 'Unknown flag --al', 'Did you mean --all?'],
  ['refresh --all --stalness-hours 3', 2, 'Unknown flag --stalness-hours', 'Did you mean --staleness-hours?'],
  ['refresh --all --dryrun', 2, 'Unknown flag --dryrun', 'Did you mean --dry-run?'],
  ['refresh --all --full_rebuild', 2, 'Unknown flag --full_rebuild', 'Did you mean --full-rebuild?'],
  ['refresh --all --continue', 2, 'Unknown flag --continue', 'Did you mean --continue-on-error?'],
  ['refresh --all -v', 2, 'Unknown flag -v', 'Help: ta refresh --help'],
  ['refresh --all=yes', 2, '--all: expected no value', 'on or off'],
  ['refresh --all --verbose --quiet', 2, 'exclude each other', 'Help: ta refresh --help'],
  ['refresh --all --verbose --log-level warn', 2, 'exclude each other', '--log-level'],
  ['refresh --all --log-level loud', 2, '--log-level: "loud" is not one of', 'trace, debug, info, warn, error'],
  ['refresh --all --full-rebuild --resume', 2, 'exclude each other', '--resume'],
  ['refresh --all --log-file a.log --log-dir b', 2, 'exclude each other', '--log-dir'],
  ['refresh --all --dry-run --log-file a.log --log-dir b', 2, 'exclude each other', '--log-dir'],
  ['refresh --all extra', 2, 'Unknown word "extra"', 'without spaces'],
  ['refresh --all --ids 1, 52', 2, 'Unknown word "52"', '--ids 1,52,825'],
  ['refresh --all --concurrency', 2, '--concurrency needs a value', 'Help: ta refresh --help'],
  ['refresh --all --concurrency 0', 2, '--concurrency', 'a whole number from 1 to 32'],
  ['refresh --all --concurrency 2.5', 2, '--concurrency', 'a whole number from 1 to 32'],
  ['refresh --all --concurrency four', 2, '--concurrency: expected a number, got "four"', 'a number'],
  ['refresh --all --staleness-hours 0', 2, '--staleness-hours', 'hours above 0'],
  ['refresh --all --staleness-hours=-1', 2, '--staleness-hours', 'hours above 0'],
  ['ui --staleness-hours 0', 2, '--staleness-hours', 'hours above 0'],
  ['refresh --all --no-staleness-hours', 2, '--staleness-hours needs a value', 'there is no --no-staleness-hours'],
  ['refresh --all --staleness-hours=', 2, '--staleness-hours: expected a value, got ""', 'Help: ta refresh --help'],
  ['refresh --all --staleness-hours abc', 2, '--staleness-hours', 'a number'],
  ['refresh --all --timeout-bars=-5', 2, '--timeout-bars', 'whole seconds, 0 (no limit)'],
  ['refresh --all --timeout-emas 1.5', 2, '--timeout-emas', 'whole seconds'],
  ['refresh --all --wait-lock=-1', 2, '--wait-lock', 'seconds, 0 or more'],
  ['settings --wait-lock=-1', 2, '--wait-lock', 'seconds, 0 or more'],
  ['import csv prices.csv --id 1 --wait-lock=-1', 2, '--wait-lock', 'seconds, 0 or more'],
  ['refresh --all --wait-lock soon', 2, '--wait-lock', 'a number'],
  ['refresh --all --wait-lock 1 --wait-lock 2', 2, '--wait-lock is given 2 times', 'Give it once.'],
  ['refresh --all --on-backfill ignore', 2, '--on-backfill: "ignore" is not one of', 'rebuild, warn, fail'],
  ['refresh --all --lookback-days=-1', 2, '--lookback-days', 'at least 0'],
  ['refresh --all --periods 10,x', 2, '--periods', '--periods 10,21,50'],
  ['refresh --all --periods 0', 2, '--periods', '--periods lut'],
  ['bars --staleness-hours 3', 2, 'Unknown flag --staleness-hours', 'Help: ta bars --help'],
  ['emas --builders 1d', 2, 'Unknown flag --builders', 'Help: ta emas --help'],
];
const NAMES: readonly Mistake[] = [
  ['bars --builders multi', 2, '--builders: unknown name "multi"', 'Did you mean multi_tf?'],
  ['bars --builders 1D', 2, '--builders: unknown name "1D"', 'Did you mean 1d?'],
  ['bars --skip cal-us', 2, '--skip: unknown name "cal-us"', 'Did you mean cal_us?'],
  ['bars --skip 1d,multi_tf,cal_iso,cal_us,cal_anchor_iso,cal_anchor_us', 2, 'No builders selected', 'Valid names: 1d'],
  ['emas --only v3', 2, '--only: unknown name "v3"', 'Did you mean v2?'],
  ['emas --only ,', 2, 'No refreshers selected', 'Valid names: multi_tf'],
  ['emas --cal-scheme eu', 2, '--cal-scheme: "eu" is not one of', 'us, iso, both'],
  ['state shw', 2, '"shw" is not one of', 'Did you mean show?'],
  ['db migrat', 2, '"migrat" is not one of', 'Did you mean migrate?'],
  ['logs purge', 2, '"purge" is not one of', 'clean'],
  ['runs show no-such-run', 2, 'There is no run "no-such-run"', 'ta runs list'],
  ['refresh --resume no-such-run', 2, 'There is no run "no-such-run"', 'ta runs list'],
];
const ACTIONS: readonly Mistake[] = [
  ['assets list 1', 2, 'ta assets list takes no id, got 1', 'ta assets rename'],
  ['assets remove 1 2 --yes', 2, 'ta assets remove takes no name, got "2"', 'ta assets rename'],
  ['assets set 1 --weekdays Mon-Fri --symbol X', 2, '--symbol does not belong to ta assets set', 'ta assets rename'],
  ['holidays list xnys.csv', 2, 'ta holidays list takes no file', 'ta holidays import'],
  ['runs list 20260101-000000-abcdef12', 2, 'ta runs list takes no run-id', 'ta runs show'],
  ['runs show --limit 3', 2, '--limit does not belong to ta runs show', 'ta runs list'],
  ['db status backups/now', 2, 'ta db status takes no folder', 'ta db backup'],
  ['db status --partitions 8', 2, '--partitions does not belong to ta db status', 'ta db migrate'],
  ['state stale --emas', 2, '--emas does not belong to ta state stale', 'ta state show, ta state reset'],
  ['state show --hours 24', 2, '--hours does not belong to ta state show', 'ta state stale'],
  [
    'state trusted --exit-code',
    2,
    '--exit-code does not belong to ta state trusted',
    'ta state stale, ta state verify',
  ],
  ['state show --bars --emas', 2, '--bars and --emas exclude each other', 'Run ta state show twice.'],
  ['state show --emas --counts', 2, '--emas and --counts exclude each other', 'Run ta state show twice.'],
  ['state show --detail', 2, '--detail needs --emas', 'ta state show --emas --detail'],
];
const IDS: readonly Mistake[] = [
  ['refresh --all --ids x', 2, '--ids: "x" is not an asset id', '--ids 1,52,825'],
  ['refresh --all --ids=-5', 2, '--ids: "-5" is not an asset id', '--ids 1,52,825'],
  ['refresh --all --ids 1.5', 2, '--ids: "1.5"', '--ids 1,52,825'],
  ['refresh --all --ids 1e3', 2, '--ids: "1e3"', '--ids 1,52,825'],
  ['refresh --all --ids 0', 2, '--ids: "0"', '--ids 1,52,825'],
  ['refresh --all --ids +1', 2, '--ids: "+1"', '--ids 1,52,825'],
  ['refresh --all --ids 99999999999', 2, '--ids: "99999999999"', 'from 1 to 2147483647'],
  ['refresh --all --ids ,', 2, 'contains no id', '--ids all'],
  ['refresh --all --ids all,1', 2, '--ids: "all"', '--ids 1,52,825'],
  ['refresh --all --ids all --ids 1', 2, 'cannot be combined', '--ids all'],
  ['refresh --all --shard 2/2', 2, '--shard: expected i/n with 0 ≤ i < n ≤ 64, got "2/2"', '--shard 0/2'],
  ['bars --shard half', 2, '--shard: expected i/n', '--shard 1/2'],
  ['refresh --all --ids', 2, '--ids needs a value', 'Help: ta refresh --help'],
  ['refresh --all --ids BTC', 2, '--ids: "BTC" is not an asset id', 'a whole number'],
  ['refresh --all --ids 999999', 2, 'Unknown asset ids: [999999] (not in dim_assets)', 'ta import csv'],
  ['refresh --all --ids 999999 --allow-unknown-ids', 2, 'Unknown asset ids: [999999]', 'dim_assets'],
  ['state reset --bars', 2, 'would rebuild every asset', '--ids 825'],
  ['state reset --ids 1', 2, 'which state', '--bars, --emas'],
  ['state reset --bars --ids 1,999999', 2, 'Unknown asset ids: ', 'ta assets list'],
  ['state show --ids one', 2, '--ids: "one"', '--ids 1,52,825'],
  ['state show --ids 999999', 2, 'Unknown asset ids: [999999]', 'ta assets list'],
  ['state verify --ids 1,999999', 2, 'Unknown asset ids: ', 'ta assets list'],
  ['state stale --ids 999999', 2, 'Unknown asset ids: [999999]', 'ta assets list'],
  ['gaps --ids 999999', 2, 'Unknown asset ids: [999999]', 'ta assets list'],
  ['gaps --list --ids 999999', 2, 'Unknown asset ids: [999999]', 'ta assets list'],
  ['rejects --emas --ids 999999', 2, 'Unknown asset ids: [999999]', 'ta assets list'],
  ['gaps --ids 1;2', 2, '--ids: "1;2"', '--ids 1,52,825'],
];
const URLS: readonly Mistake[] = [
  ['refresh --all --db-url', 2, '--db-url needs a value', 'Help: ta refresh --help'],
  [
    'refresh --all --db-url localhost:5432/prices',
    4,
    '--db-url is not a PostgreSQL URL',
    'Write postgresql://<user>:<password>@<host>:5432/<database>',
  ],
  ['refresh --all --db-url mysql://u:geheim@h/db', 4, '--db-url is not a PostgreSQL URL', 'postgresql://'],
  ['sql SELECT_1 --db-url http://example.org', 4, '--db-url is not a PostgreSQL URL', 'postgresql://'],
  [
    'state show --db-url postgresql://u:geheim@127.0.0.1:1/db',
    4,
    'Cannot connect to database',
    'Check that the server is running',
  ],
];
const DATES: readonly Mistake[] = [
  ['refresh --all --as-of yesterday', 2, '--as-of: "yesterday" is neither', '--as-of 2025-10-27'],
  ['refresh --all --as-of 2024-02-30', 2, '--as-of: "2024-02-30"', '--as-of 2025-10-27'],
  ['refresh --all --as-of 28.06.2024', 2, '--as-of: "28.06.2024"', '--as-of 2025-10-27'],
  ['refresh --all --as-of 2024-06-28T06:00:00', 2, 'neither a date nor an instant with a zone', 'T06:00:00Z'],
  ['emas --start 2024-13-01', 2, '--start: "2024-13-01" is not a day', '--start 2024-01-31'],
  ['emas --end 2023-02-29', 2, '--end: "2023-02-29" is not a day', '--end 2024-01-31'],
  ['emas --start 2024-06-02 --end 2024-06-01', 2, '--end: 2024-06-01 lies before --start 2024-06-02', '--start'],
  ['refresh --all --start 2024-06-01', 2, 'Unknown flag --start', 'Help: ta refresh --help'],
  ['emas --no-validate-output --fail-on-validation', 2, 'exclude each other', 'Help: ta emas --help'],
  ['refresh --all --tz Mars/Olympus', 2, 'Mars/Olympus', /IANA|zone/i],
  ['state stale --hours=-1', 2, '--hours', 'hours, 0 or more'],
  ['logs clean --days=-1', 2, '--days', 'at least 0'],
  ['logs clean --days many', 2, '--days', 'a number'],
];
const FILES: readonly Mistake[] = [
  ['import csv', 2, 'needs 2 word(s)', 'Help: ta import --help'],
  [`import csv ${good}`, 2, 'Missing: --id', 'Help: ta import --help'],
  [`import json ${good} --id 1`, 2, '"json" is not one of csv', 'Help: ta import --help'],
  [`import csv ${good} --id bitcoin`, 2, '--id: expected a number, got "bitcoin"', 'a number'],
  [`import csv ${good} --id 0`, 2, '--id: expected one whole number', '--id 1'],
  [`import csv ${files}/missing.csv --id 77`, 2, 'missing.csv', /no such|exist|path/i],
  [`import csv ${nothing} --id 77`, 2, 'is a folder without price files', /csv/],
  [`import csv ${files}/*.xyz --id 77`, 2, 'does not match a file', 'Help: ta import --help'],
  [`import csv ${good} --id 77 --id-from {id}.csv`, 2, '--id and --id-from exclude each other', 'Leave one out'],
  [`import csv ${good} --id-from good.csv`, 2, 'must hold one of {id}, {symbol} and {name}', '--id-from'],
  [`import csv ${good} --id 77 --tz Mars/Olympus`, 2, 'Mars/Olympus', /IANA|zone/i],
  [`import csv ${good} --id 77 --columns date=Day`, 2, '--columns: close is missing', 'date=Day,open=Open'],
  [`import csv ${good} --id 77 --profile brokr`, 2, 'There is no import profile "brokr"', '--save-profile'],
  ['assets list --format xml', 2, '--format', 'Help: ta assets --help'],
  ['assets rename 999 Bitcoin', 2, 'There is no asset 999', 'ta assets list'],
  ['assets rename 1', 2, 'the new name is missing', 'ta assets rename 1 Bitcoin'],
  ['assets remove', 2, 'expected the id of an asset', 'ta assets remove 1'],
  [`import csv ${notes} --id 77`, 2, 'notes.txt', /header|columns|format/i],
  [`logs clean --log-dir ${notes}`, 1, 'Old log files were not deleted', `Check the folder ${notes}`],
  [`import csv ${empty} --id 77`, 2, 'empty.csv', /header|empty|format/i],
  [`import csv ${binary} --id 77`, 2, 'picture.csv is not text', 'UTF-8'],
  ['sql', 2, 'needs 1 word', 'Help: ta sql --help'],
  ["sql 'TABLE cmc_price_bar_1d'", 2, 'There is no table "cmc_price_bar_1d"', 'Did you mean cmc_price_bars_1d?'],
  ["sql 'TABLE public.dim_asset'", 2, 'There is no table "dim_asset"', 'Did you mean dim_assets?'],
  [
    "sql 'SELECT last_src_time FROM cmc_price_bars_1d_state'",
    2,
    'no column "last_src_time"',
    'Did you mean last_src_ts?',
  ],
  ["sql 'SELECT a.nam FROM dim_assets a'", 2, 'There is no column "nam"', 'Did you mean name?'],
  ["sql 'DELETE FROM dim_asset' --write", 2, 'There is no table "dim_asset"', 'Did you mean dim_assets?'],
  ["sql 'SELECT 1; SELECT 2'", 1, 'There are 2 statements; `ta sql` runs one statement', 'once for each'],
  ["sql 'DELETE FROM dim_assets; DELETE FROM dim_period' --write", 1, 'runs one statement', 'once for each'],
  ["sql 'SELECT 1; DELETE FROM dim_period' --write", 1, 'runs one statement', 'once for each'],
  ["sql 'SELECT ts FROM dim_assets'", 2, 'There is no column "ts"', 'dim_assets has id, name, symbol'],
  ["sql 'SELECT ts FROM cmc_price_bars_1d'", 2, 'There is no column "ts"', /cmc_price_bars_1d has id, "?timestamp|tf/],
  ['export csv cmc_price_bars_multi_tf_cal_iso --ids 1 --tf 1W', 2, '"1W" is not a timeframe', /1W_CAL_ISO.*, 7D\?/],
  ['export csv cmc_price_bars_multi_tf_cal_iso --ids 1 --tf 1W', 2, '"1W" is not a timeframe', '1W_CAL_US'],
  ["sql 'SELEKT 1'", 1, 'syntax error', /./],
  ['rejects --bars --emas', 2, 'exclude each other', 'ta rejects twice'],
  ['rejects --by tf', 2, '--by needs --emas', 'ta rejects --emas --by tf'],
  ['state show --format xml', 2, '--format: "xml" is not one of', 'table, json, csv'],
  ['state show --markdown', 2, '--markdown', 'ta state trusted'],
  ['alerts test --severity loud', 2, '--severity: "LOUD" is not one of', 'INFO, WARNING, ERROR, CRITICAL'],
];

describe.skipIf(!hasPostgres())('mistakes of a first-time user', () => {
  let world: World;
  let held: HeldSession;
  let before: Record<string, string>;
  let marks: Record<string, string>;

  beforeAll(async () => {
    world = await createWorld({ assets: 1, days: 10 });
    held = await holdSession(world.url);
    before = await hashTables(held.session);
    marks = await markTables(held.session);
  });
  afterAll(async () => {
    await held.end();
    await world.drop();
    rmSync(files, { recursive: true, force: true });
  });

  const table = [...FLAGS, ...NAMES, ...ACTIONS, ...IDS, ...URLS, ...DATES, ...FILES];

  it('are at least sixty', () => {
    expect(new Set(table.map(([typed]) => typed)).size).toBeGreaterThanOrEqual(60);
  });

  it.each(table)('ta %s', async (typed, code, says, wayOut) => {
    const argv = [...typed.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const ended = await runInside(argv, { root: world.root, env: world.env, nowMs: AS_OF_MS });
    const errors = ended.stderr.split('\n').filter((line) => line.startsWith('[ERROR]'));
    expect(errors.length, ended.stderr).toBe(1);
    expect(ended.stderr).toMatch(says instanceof RegExp ? says : new RegExp(escaped(says)));
    expect(ended.stderr).toMatch(wayOut instanceof RegExp ? wayOut : new RegExp(escaped(wayOut)));
    expect(ended.stderr).not.toMatch(/geheim|\n\s+at /);
    expect(ended.stdout).not.toContain('[OK]');
    expect(ended.code).toBe(code);
    expect(changedTables(marks, await markTables(held.session))).toEqual([]);
  });

  it('have changed no row in the end', async () => {
    expect(changedTables(before, await hashTables(held.session))).toEqual([]);
  });

  it('every exit code is in the help and in the guide', () => {
    const guide = readFileSync(path.resolve(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
    for (const code of new Set(table.map(([, exitCode]) => exitCode))) {
      expect(EXIT_CODE_HELP).toMatch(new RegExp(`[:·\\s]${code} `));
      expect(guide).toMatch(new RegExp(`Exit codes: .*?\\b${code} `, 's'));
    }
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
