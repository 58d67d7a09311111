import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cliCommand } from './resilience/rig/cli-process.ts';
import { AS_OF, createWorld, hasPostgres, type World } from './kit/world.ts';

const CLONE = path.resolve(import.meta.dirname, '../../..');

let world: World;
beforeAll(async () => {
  if (hasPostgres()) world = await createWorld({ days: 40 });
});
afterAll(() => world?.drop());

it.skipIf(!hasPostgres())(
  'a refresh whose output nobody reads to the end is done all the same, exit code 0',
  async () => {
    const command = [
      'node',
      ...cliCommand(),
      'refresh',
      '--all',
      '--verbose',
      '--as-of',
      AS_OF,
      '--log-dir',
      world.logDir,
    ];
    const script = `{ ${command.join(' ')} 2>&1; echo "exit $?" >&2; } | head -c 1`;
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', script], {
      cwd: CLONE,
      env: { PATH: process.env['PATH'], ...world.env },
    });
    expect([stdout.length, stderr]).toEqual([1, 'exit 0\n']);
    expect(await world.sql('SELECT status, exit_code FROM ops_runs')).toEqual([{ status: 'ok', exit_code: 0 }]);
    const [{ n }] = await world.sql<{ n: number }>('SELECT count(*) AS n FROM cmc_ema_multi_tf_u');
    expect(n).toBeGreaterThan(100);
  },
);
