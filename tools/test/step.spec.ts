import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

const STEP = path.resolve(import.meta.dirname, '../bin/step.mjs');

describe('a step of make', () => {
  it(
    'is named before it starts, says that it goes on, and leaves stdout to the command',
    { timeout: 60_000 },
    async () => {
      const untilTold = `process.stdin.resume().on('end', () => process.stdout.write('done'))`;
      const step = spawn(process.execPath, [STEP, 'wait', process.execPath, '-e', untilTold]);
      const stdout = text(step.stdout);
      let stderr = '';
      step.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        stderr += chunk;
        if (/ s\n$/.test(stderr)) step.stdin.end();
      });
      expect(await stdout).toBe('done');
      expect(stderr).toMatch(/^wait: .*node.*\nwait: \d+ s\n/);
    },
  );

  it('is every call of Nx, which is silent while it reads the workspace', () => {
    const makefile = readFileSync(path.resolve(import.meta.dirname, '../../Makefile'), 'utf8');
    const calls = makefile.split('\n').filter((line) => line.includes('npx nx'));
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) expect(call).toContain('$(STEP)');
  });

  it('ends as the command does', () => {
    const step = (...args: string[]) => spawnSync(process.execPath, [STEP, 'fail', ...args], { encoding: 'utf8' });
    expect(step(process.execPath, '-e', 'process.exit(3)').status).toBe(3);
    const missing = step('no-such-command');
    expect([missing.status, missing.stderr]).toEqual([127, expect.stringContaining('ENOENT')]);
  });
});
