import { writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runInside } from './kit/run-inside.ts';
import { AS_OF_MS, createWorld, hasPostgres, type World } from './kit/world.ts';

const MARK = 'bobbytables';
/** Ends a literal, an identifier or a comment, whichever it gets into. */
const HOSTILE = `1'; DROP TABLE ${MARK}; --"; DROP TABLE ${MARK}; */ $$ \\`;

// Every statement that is sent passes this method of the driver, COPY included.
describe.skipIf(!hasPostgres())('what a user writes', () => {
  let world: World;
  const statements: string[] = [];
  const parameters: unknown[] = [];

  beforeAll(async () => {
    world = await createWorld({ days: 20, assets: 1 });
    writeFileSync(
      path.join(world.root, 'prices.csv'),
      `timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp
"2024-01-01T00:00:00.000Z";"2024-01-01T23:59:59.999Z";"2024-01-01T05:00:00.000Z";"2024-01-01T06:00:00.000Z";"2781";1;2;0.5;1.5;10;100;"2024-01-01T23:59:59.999Z"
`,
    );
    const send = pg.Client.prototype.query;
    vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
      const [first, second] = args as [string | { text?: string; values?: unknown[] }, unknown];
      statements.push(typeof first === 'string' ? first : (first.text ?? ''));
      parameters.push(...((typeof first === 'string' ? undefined : first.values) ?? []));
      if (Array.isArray(second)) parameters.push(...(second as unknown[]));
      return (send as (...all: unknown[]) => unknown).apply(this, args) as never;
    });
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await world.drop();
  });

  const ta = (...argv: string[]) => runInside(argv, { root: world.root, env: world.env, nowMs: AS_OF_MS });

  it('never gets into the text of a statement', async () => {
    const commands = [
      ['refresh', '--all'],
      ...['--ids', '--resume', '--builders', '--only', '--skip', '--tz', '--as-of', '--shard', '--periods'].map(
        (flag) => [...['refresh', '--all', flag, HOSTILE]],
      ),
      ['import', 'csv', 'prices.csv', '--id', '7', '--name', HOSTILE],
      ['runs', 'show', HOSTILE],
      ['gaps', '--ids', HOSTILE],
      ['rejects', '--ids', HOSTILE],
      ['state', 'show', '--bars', '--ids', HOSTILE],
      ['export', 'csv', HOSTILE],
      ...['--tf', '--ids', '--periods', '--from', '--until'].map((flag) => [
        ...['export', 'csv', 'cmc_ema_multi_tf', '--out', path.join(world.root, 'out.csv'), flag, HOSTILE],
      ]),
    ];
    const codes: number[] = [];
    for (const command of commands) codes.push((await ta(...command)).code);
    expect([codes[0], statements.length > 60]).toStrictEqual([0, true]);
    expect(statements.filter((text) => text.includes(MARK))).toStrictEqual([]);
    // the name of an asset and of a run are free text: they went as parameters
    expect(JSON.stringify(parameters)).toContain(MARK);
    expect([codes[0], new Set(codes).has(0)]).toStrictEqual([0, true]);
  });

  it('is a mistyped timeframe where a timeframe is asked for', async () => {
    const file = path.join(world.root, 'out.csv');
    const { code, stderr } = await ta('export', 'csv', 'cmc_ema_multi_tf', '--out', file, '--tf', '7d');
    expect([code, stderr]).toStrictEqual([2, expect.stringMatching(/"7d" is not a timeframe[^]*Did you mean 7D/)]);
  });

  it('is noticed when it does', async () => {
    await ta('sql', `SELECT '${MARK}'`);
    expect(statements.filter((text) => text.includes(MARK))).not.toStrictEqual([]);
  });
});
