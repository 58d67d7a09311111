import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

it(
  'a command whose thread is blocked says that it goes on, and leaves stdout to its rows',
  { timeout: 120_000 },
  async () => {
    const script = path.join(import.meta.dirname, 'blocked-command.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@ta/source', script]);
    const stdout = text(child.stdout);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      if (stderr.split('\n').length > 2) child.stdin.end();
    });
    expect(await stdout).toBe('rows\n');
    const seconds = [...stderr.matchAll(/^\[INFO\] Reading \((\d+) s\)$/gm)].map(([, at]) => Number(at));
    expect(seconds.length, stderr).toBeGreaterThanOrEqual(2);
    expect(seconds[1]).toBeGreaterThan(seconds[0]);
  },
);
