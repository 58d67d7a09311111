import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSurroundings } from '@ta/cli-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunLog } from './run-log.ts';

const [FIRST, SECOND] = ['refresh-2026-03-01.log', 'refresh-2026-03-02.log'];

describe('the log file of a command that runs over midnight', () => {
  let folder: string;
  let warnings: string[];
  let nowMs: number;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ta-logs-'));
    warnings = [];
    nowMs = new Date(2026, 2, 1, 23, 59).getTime();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (place: Parameters<typeof openRunLog>[1]) => {
    const warn = (line: string) => void warnings.push(line);
    return openRunLog({ ...readSurroundings(), env: {}, root: folder, now: () => nowMs, warn }, place);
  };
  const passMidnight = () => (nowMs = new Date(2026, 2, 2).getTime());
  const said = (name: string) => {
    const lines = readFileSync(path.join(folder, name), 'utf8').trim().split('\n');
    return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  };

  it('is that of the day for a worker, also when the old one was deleted, and expired ones go', async () => {
    const log = await open({ logDir: folder, isDaily: true });
    log.logger.info('one');
    rmSync(path.join(folder, FIRST));
    writeFileSync(path.join(folder, 'refresh-2026-01-01.log'), '');
    passMidnight();
    log.logger.info('two');
    log.logger.info('three');
    log.close();
    expect([readdirSync(folder), said(SECOND), warnings]).toEqual([[SECOND], ['two', 'three'], []]);
  });

  it('is that of the day before where the new one cannot be opened', async () => {
    const log = await open({ logDir: folder, isDaily: true });
    mkdirSync(path.join(folder, SECOND));
    passMidnight();
    log.logger.info('one');
    log.logger.info('two');
    log.close();
    expect([said(FIRST), warnings]).toEqual([
      ['one', 'two'],
      [expect.stringMatching(`${SECOND} .*; still in .*${FIRST}`)],
    ]);
  });

  it('that cannot be opened is tried again on the next day', async () => {
    const inTheWay = path.join(folder, 'logs');
    writeFileSync(inTheWay, '');
    const log = await open({ logDir: inTheWay, isDaily: true });
    log.logger.info('one');
    rmSync(inTheWay);
    log.logger.info('two');
    passMidnight();
    log.logger.info('three');
    log.close();
    expect([readdirSync(inTheWay), said(`logs/${SECOND}`)]).toEqual([[SECOND], ['three']]);
    expect(warnings).toEqual([expect.stringContaining('; console only')]);
  });

  it.each([
    ['a run', {}, FIRST],
    ['a worker with --log-file', { logFile: 'worker.log', isDaily: true }, 'worker.log'],
  ])('stays the same for %s', async (_, place, name) => {
    const log = await open('logFile' in place ? place : { ...place, logDir: folder });
    log.logger.info('one');
    passMidnight();
    log.logger.info('two');
    log.close();
    expect([readdirSync(folder), said(name)]).toEqual([[name], ['one', 'two']]);
  });
});
