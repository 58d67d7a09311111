import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AlertEvent,
  createAlerter,
  createFileLedger,
  fetchTransport,
  readAlertConfig,
  systemClock,
} from '../src/index.ts';
import { type FakeTelegram, hang, raw, refuse, reset, startFakeTelegram } from './fake-telegram.ts';
import { brokenLedger, memoryLedger } from './memory-ledger.ts';

const botToken = '7654321:AAH-planted+token';
const dbPassword = 'pl4nted-db-password';

let server: FakeTelegram;
let folder: string;
beforeEach(async () => {
  server = await startFakeTelegram();
  folder = await mkdtemp(join(tmpdir(), 'alerts-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const statePath = () => join(folder, '.logs', 'alert-state.json');

/** The system's clock, which notes how long it is asked to sleep. */
function recordingClock() {
  const slept: number[] = [];
  const sleep = (durationMs: number, signal?: AbortSignal) => {
    slept.push(durationMs);
    return systemClock.sleep(durationMs, signal);
  };
  return { ...systemClock, sleep, slept };
}

function world(apiBase = server.apiBase) {
  const ledger = memoryLedger();
  const log: string[] = [];
  const ports = {
    clock: systemClock,
    transport: fetchTransport(),
    ledger,
    fallbackLedger: createFileLedger(statePath(), (file, text, mode) => writeFileSync(file, text, { mode })),
    log: (level: string, message: string, fields: object) =>
      void log.push(`${level} ${message} ${JSON.stringify(fields)}`),
    host: 'db-1',
  };
  const config = readAlertConfig({
    TELEGRAM_BOT_TOKEN: botToken,
    TELEGRAM_CHAT_ID: '-100200',
    TELEGRAM_API_BASE: apiBase,
  });
  return { ledger, log, ports, config };
}

const unreachable: AlertEvent = {
  event: 'db_connection',
  severity: 'CRITICAL',
  title: 'Cannot connect to database postgres://ta:***@db/ta: ECONNREFUSED',
  body: ['Start the server & run again.'],
  runId: 'r1',
};

describe('an alert', () => {
  it('reaches the chat over real HTTP, with path, chat and HTML body', async () => {
    const { config, ports, ledger } = world();
    const alerter = createAlerter({ config, ports });
    const outcome = alerter.notify(unreachable);
    expect(await alerter.drain()).toMatchObject({ sent: 1, failed: 0 });
    expect(await outcome).toEqual({ kind: 'sent' });
    expect(server.seen).toHaveLength(1);
    expect(decodeURIComponent(server.seen[0].path)).toBe(`/bot${botToken}/sendMessage`);
    expect(server.seen[0].message.chat_id).toBe('-100200');
    expect(server.seen[0].message.text).toMatch(
      /^🔴 <b>\[CRITICAL\] Cannot connect .*<\/b>\n\nStart the server &amp; run again\.\n\nrun r1 · db-1 · \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    );
    expect(ledger.rows).toMatchObject([{ event: 'db_connection', outcome: 'sent', runId: 'r1' }]);
  });

  it('is sent again after the two seconds a busy server asks for', async () => {
    const { config, ports } = world();
    const clock = recordingClock();
    server.answer(refuse(429, 'Too Many Requests', { retry_after: 2 }));
    const alerter = createAlerter({ config, ports: { ...ports, clock } });
    void alerter.notify(unreachable);
    expect(await alerter.drain()).toMatchObject({ sent: 1 });
    expect(server.seen).toHaveLength(2);
    expect(clock.slept).toContain(2000);
  });

  it('about a database that is away is remembered in a file, by the next process, too', async () => {
    for (const expected of ['sent', 'deduplicated']) {
      const { config, ports } = world();
      const alerter = createAlerter({ config, ports: { ...ports, ledger: brokenLedger } });
      const outcome = alerter.notify(unreachable);
      await alerter.drain();
      expect((await outcome).kind).toBe(expected);
    }
    expect(server.seen).toHaveLength(1);
    const { alerts } = JSON.parse(await readFile(statePath(), 'utf8'));
    expect(alerts.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['sent', 'deduplicated']);
  });

  it('that cannot be delivered in time leaves the run alone', async () => {
    const { config, ports, log } = world();
    server.answer(hang);
    const alerter = createAlerter({ config, ports });
    void alerter.notify(unreachable);
    expect(await alerter.drain(300)).toMatchObject({ sent: 0, failed: 1 });
    expect(log.at(-1)).toMatch(/^warn alert not delivered: no (complete answer|time left)/);
  });
});

describe('planted secrets', () => {
  const poisoned: AlertEvent = {
    ...unreachable,
    event: 'component_failed',
    title: `failed at https://api.telegram.org/bot${botToken}/x`,
    body: [`postgres://ta:${dbPassword}@db/ta`, encodeURIComponent(botToken)],
    details: [`PGPASSWORD=${dbPassword}`, 'token AAH-planted+token'],
    component: botToken,
    check: botToken,
    runId: `r ${botToken}`,
    context: { url: `postgres://ta:${dbPassword}@db/ta`, deep: [{ token: botToken, error: new Error(botToken) }] },
  };
  const echo = `cannot POST /bot${botToken}/sendMessage nor /bot${encodeURIComponent(botToken)}/sendMessage`;

  for (const [name, behaviours] of [
    ['delivered', []],
    ['refused with an answer that quotes the URL', [refuse(404, echo)]],
    ['answered with a page that quotes the URL', [raw(200, `<html>${echo}</html>`)]],
    ['reset, then refused', [reset, refuse(403, echo)]],
  ] as const) {
    it(`are nowhere when a message is ${name}`, async () => {
      const { config, ports, log, ledger } = world();
      const redact = (text: string) => text.replaceAll(dbPassword, '***');
      const broken = {
        ...brokenLedger,
        record: () => Promise.reject(new Error(`insert failed: ${botToken} ${dbPassword}`)),
      };
      const outcomes: unknown[] = [];
      for (const one of [ledger, broken]) {
        server.answer(...behaviours);
        const alerter = createAlerter({ config, ports: { ...ports, ledger: one, redact, host: `h ${botToken}` } });
        const outcome = alerter.notify(poisoned);
        outcomes.push(await alerter.drain(), await outcome);
      }
      const texts = server.seen.map(({ message }) => message);
      const file = await readFile(statePath(), 'utf8');
      const everything = [JSON.stringify([texts, outcomes, ledger.rows]), log.join('\n'), file].join('\n');
      expect(texts.length).toBeGreaterThan(0);
      expect(ledger.rows.length).toBeGreaterThan(0);
      expect(log.join()).toContain('alert ledger not usable');
      for (const secret of ['AAH-planted', dbPassword, encodeURIComponent(botToken)]) {
        expect(everything).not.toContain(secret);
      }
    });
  }
});
