import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanLogs, expiredLogs } from './log-retention.ts';

describe('log retention', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ta-logs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps a file of exactly 30 days ago and drops one of 31', () => {
    const names = ['refresh-2026-03-01.log', 'refresh-2026-01-30.log', 'refresh-2026-01-29.log', 'cron.log'];
    expect(expiredLogs(names, '2026-03-01', 30)).toEqual(['refresh-2026-01-29.log']);
  });

  it('touches nothing but its own files', () => {
    const others = ['cron.log', 'refresh-2020-01-01.log.gz', 'refresh-2020-1-1.log', 'old-refresh-2020-01-01.log'];
    for (const name of [...others, 'refresh-2020-01-01.log']) writeFileSync(path.join(folder, name), 'x');
    expect(cleanLogs(folder, '2026-03-01', 30, true)).toEqual(['refresh-2020-01-01.log']);
    expect(readdirSync(folder)).toHaveLength(5);
    expect(cleanLogs(folder, '2026-03-01', 30)).toEqual(['refresh-2020-01-01.log']);
    expect(readdirSync(folder).sort()).toEqual(others.sort());
  });

  it('finds no folder where there is none', () => {
    expect(cleanLogs(path.join(folder, 'missing'), '2026-03-01', 30)).toBeNull();
  });
});
