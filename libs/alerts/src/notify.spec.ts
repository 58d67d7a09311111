import { describe, expect, it } from 'vitest';
import { brokenLedger, hangingLedger, memoryLedger } from '../test/memory-ledger.ts';
import { settle, virtualClock } from '../test/virtual-clock.ts';
import { type AlertConfig, readAlertConfig, withoutDelivery } from './config.ts';
import { corruptionEvent, findCorruption } from './corruption.ts';
import { AlertError } from './errors.ts';
import { ALERT_EVENTS, type AlertEvent, type AlertEventName } from './event.ts';
import { type AlertLimits } from './limits.ts';
import { type Alerter, createAlerter } from './notify.ts';
import { type AlertLedger, type AlertPorts, type TransportAnswer } from './ports.ts';
import { ALERT_SEVERITIES } from './threshold.ts';

const MINUTE_MS = 60_000;
const configured = readAlertConfig({ TELEGRAM_BOT_TOKEN: '7654321:AAH-planted', TELEGRAM_CHAT_ID: '42' });
const names = Object.keys(ALERT_EVENTS) as AlertEventName[];

type Answer = () => Promise<Partial<TransportAnswer>>;
const offline: Answer = async () => {
  throw new AlertError('ALERT_NETWORK', 'network error (ECONNREFUSED)');
};

interface Room {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly ledger: ReturnType<typeof memoryLedger>;
  /** Texts that reached the chat. */
  readonly chat: string[];
  readonly sentAtMs: number[];
  readonly log: string[];
  /** Answers of the next requests; afterwards every message is accepted. */
  readonly answers: Answer[];
  alerter(options?: Deviation): Alerter;
}

interface Deviation {
  readonly config?: Partial<AlertConfig>;
  readonly limits?: Partial<AlertLimits>;
  readonly ports?: Partial<AlertPorts>;
}

function room(): Room {
  const clock = virtualClock();
  const ledger = memoryLedger();
  const [chat, sentAtMs, log, answers]: [string[], number[], string[], Answer[]] = [[], [], [], []];
  const ports: AlertPorts = {
    clock,
    ledger,
    host: 'db-1',
    log: (level, message, fields) => void log.push(`${level} ${message} ${JSON.stringify(fields)}`),
    transport: async ({ body }) => {
      const answer = await answers.shift()?.();
      if (answer === undefined || answer.status === 200) {
        chat.push(JSON.parse(body).text);
        sentAtMs.push(clock.monotonicMs());
      }
      return { status: 200, retryAfter: null, body: '{"ok":true}', ...answer };
    },
  };
  const alerter = (options: Deviation = {}) =>
    createAlerter({
      config: { ...configured, ...options.config },
      limits: options.limits,
      ports: { ...ports, ...options.ports },
    });
  return { clock, ledger, chat, sentAtMs, log, answers, alerter };
}

const failed = (more: Partial<AlertEvent> = {}): AlertEvent => ({
  event: 'component_failed',
  severity: 'ERROR',
  title: 'bars failed',
  body: ['cal_us stopped'],
  component: 'bars',
  runId: 'r1',
  ...more,
});

describe('the threshold', () => {
  for (const minSeverity of ALERT_SEVERITIES) {
    it(`${minSeverity} lets through what is as urgent, and CRITICAL`, async () => {
      const { alerter, chat } = room();
      const alerts = alerter({ config: { minSeverity }, limits: { messageGapMs: 0 } });
      const outcomes = ALERT_SEVERITIES.map((severity, index) =>
        alerts.notify(failed({ severity, event: names[index] })),
      );
      await alerts.drain();
      const expected = ALERT_SEVERITIES.map((severity) =>
        ALERT_SEVERITIES.indexOf(severity) >= ALERT_SEVERITIES.indexOf(minSeverity) ? 'sent' : 'below_threshold',
      );
      expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(expected);
      expect(chat).toHaveLength(expected.filter((kind) => kind === 'sent').length);
    });
  }
  it('keeps what is below it out of ledger and log, except for a debug record', async () => {
    const { alerter, ledger, log } = room();
    const alerts = alerter();
    expect(await alerts.notify(failed({ severity: 'WARNING' }))).toEqual({ kind: 'below_threshold' });
    expect(await alerts.drain()).toMatchObject({ sent: 0, belowThreshold: 1 });
    expect(ledger.rows).toEqual([]);
    expect(log.map((line) => line.split(' ')[0])).toEqual(['debug']);
    // the guide's grep -E "ERROR|FAILED" must find nothing in a clean run
    expect(log.join()).not.toMatch(/ERROR|FAILED/);
  });
});

describe('without a chat', () => {
  it('alerts are only logged, at their level, and that is said once', async () => {
    const { alerter, chat, log } = room();
    const alerts = alerter({ config: readAlertConfig({}) });
    expect(await alerts.notify(failed())).toEqual({ kind: 'not_configured' });
    expect(await alerts.notifyNow(failed({ event: 'test', severity: 'INFO' }))).toEqual({ kind: 'not_configured' });
    expect(await alerts.drain()).toMatchObject({ sent: 0, failed: 0, notConfigured: 2 });
    expect(chat).toEqual([]);
    expect(log.map((line) => line.split(' {')[0])).toEqual([
      'info telegram not configured',
      'error alert: bars failed',
      'info alert: bars failed',
    ]);
  });
  it('a run that switched alerts off says so', async () => {
    const { alerter, log } = room();
    expect(await alerter({ config: withoutDelivery(configured) }).notify(failed())).toEqual({ kind: 'not_configured' });
    expect(log[0]).toContain('alerts switched off');
  });
});

describe('collecting', () => {
  it('makes one message of the events of one component, with all ids', async () => {
    const { alerter, chat, clock } = room();
    const alerts = alerter();
    const outcomes = [825, 1, 52].map((id) => alerts.notify(failed({ ids: [id], body: [`id ${id} failed`] })));
    expect(await clock.until(Promise.all(outcomes))).toEqual(Array(3).fill({ kind: 'sent' }));
    expect(chat).toHaveLength(1);
    expect(chat[0]).toContain('id 825 failed\nIDs: [1, 52, 825]\n• id 1 failed\n• id 52 failed');
    expect(await alerts.drain()).toMatchObject({ sent: 1, suppressed: 0 });
  });
  it('keeps components and events apart', async () => {
    const { alerter, chat } = room();
    const alerts = alerter({ limits: { messageGapMs: 0 } });
    const others: Partial<AlertEvent>[] = [
      {},
      { component: 'emas' },
      { component: undefined },
      { event: 'component_timeout' },
    ];
    for (const more of others) void alerts.notify(failed(more));
    await alerts.drain();
    expect(chat).toHaveLength(4);
  });
  it('waits two seconds, not for the end of the run', async () => {
    const { alerter, chat, clock } = room();
    void alerter().notify(failed());
    await clock.advance(1999);
    expect(chat).toHaveLength(0);
    await clock.advance(1);
    expect(chat).toHaveLength(1);
  });
  it('returns to the caller before anything is sent', async () => {
    const { alerter, chat } = room();
    void alerter({ limits: { collectMs: 0 } }).notify(failed());
    expect(chat).toHaveLength(0);
    await settle();
    expect(chat).toHaveLength(1);
  });
  it('ends with drain when its window is endless', async () => {
    const { alerter, chat, clock } = room();
    const alerts = alerter({ limits: { collectMs: Number.POSITIVE_INFINITY } });
    void alerts.notify(failed({ ids: [1] }));
    await clock.advance(3_600_000);
    void alerts.notify(failed({ ids: [2] }));
    expect(chat).toHaveLength(0);
    await alerts.drain();
    expect(chat).toHaveLength(1);
    expect(chat[0]).toContain('IDs: [1, 2]');
  });
  it('lets the most urgent leave first', async () => {
    const { alerter, chat, clock } = room();
    const alerts = alerter({ config: { minSeverity: 'INFO' } });
    for (const [index, severity] of ALERT_SEVERITIES.entries()) {
      void alerts.notify(failed({ severity, event: names[index] }));
    }
    await clock.until(alerts.drain());
    expect(chat.map((text) => /\[(\w+)\]/.exec(text)![1])).toEqual(['CRITICAL', 'ERROR', 'WARNING', 'INFO']);
  });
  it('tells of a component once in a run, and logs and records the ids that came too late', async () => {
    const { alerter, chat, clock, ledger, log } = room();
    const alerts = alerter();
    expect(await clock.until(alerts.notify(failed({ ids: [1] })))).toEqual({ kind: 'sent' });
    expect(await clock.until(alerts.notify(failed({ ids: [2] })))).toEqual({ kind: 'deduplicated' });
    expect(await alerts.drain()).toMatchObject({ sent: 1, suppressed: 1 });
    expect(chat).toHaveLength(1);
    expect(ledger.rows.map(({ outcome }) => outcome)).toEqual(['sent', 'deduplicated']);
    expect(log.at(-1)).toMatch(/^info alert not repeated .*"ids":\[2\]/);
  });
  it('speaks again in the same run when the matter became critical', async () => {
    const { alerter, chat, clock } = room();
    const alerts = alerter();
    await clock.until(alerts.notify(failed()));
    expect(await clock.until(alerts.notify(failed({ severity: 'CRITICAL' })))).toEqual({ kind: 'sent' });
    expect(await clock.until(alerts.notify(failed({ severity: 'CRITICAL' })))).toEqual({ kind: 'deduplicated' });
    expect(chat).toHaveLength(2);
  });
  it('tries again in the same run after a failed delivery', async () => {
    const { alerter, answers, chat, clock } = room();
    const alerts = alerter();
    answers.push(offline, offline, offline);
    expect(await clock.until(alerts.notify(failed()))).toMatchObject({ kind: 'failed', code: 'ALERT_NETWORK' });
    expect(await clock.until(alerts.notify(failed()))).toEqual({ kind: 'sent' });
    expect(chat).toHaveLength(1);
  });
});

describe('repetitions over runs', () => {
  async function run({ alerter, clock }: Room, runId: string, more: Partial<AlertEvent> = {}) {
    const alerts = alerter();
    const outcome = alerts.notify(failed({ runId, ...more }));
    await clock.until(alerts.drain());
    return (await outcome).kind;
  }

  it('are held back for 60 minutes, and the next message counts them', async () => {
    const here = room();
    expect(await run(here, 'r1')).toBe('sent');
    await here.clock.advance(30 * MINUTE_MS);
    expect(await run(here, 'r2')).toBe('deduplicated');
    await here.clock.advance(30 * MINUTE_MS - 1);
    expect(await run(here, 'r3')).toBe('deduplicated');
    await here.clock.advance(1);
    expect(await run(here, 'r4')).toBe('sent');
    expect(here.chat).toHaveLength(2);
    expect(here.chat[0]).not.toContain('suppressed');
    expect(here.chat[1]).toContain('</b> (+2 suppressed)\n');
    expect(here.ledger.rows.map(({ outcome, suppressedCount }) => `${outcome} ${suppressedCount}`)).toEqual([
      'sent 0',
      'deduplicated 0',
      'deduplicated 0',
      'sent 2',
    ]);
  });
  it('are counted from the last message on', async () => {
    const here = room();
    for (const runId of ['r1', 'r2']) await run(here, runId);
    await here.clock.advance(60 * MINUTE_MS);
    for (const runId of ['r3', 'r4']) await run(here, runId);
    await here.clock.advance(60 * MINUTE_MS);
    await run(here, 'r5');
    expect(here.chat.at(-1)).toContain('(+1 suppressed)');
  });
  it('are held back for 15 minutes when CRITICAL', async () => {
    const here = room();
    const critical = { severity: 'CRITICAL', event: 'db_connection' } as const;
    expect(await run(here, 'r1', critical)).toBe('sent');
    await here.clock.advance(15 * MINUTE_MS - 1);
    expect(await run(here, 'r2', critical)).toBe('deduplicated');
    await here.clock.advance(1);
    expect(await run(here, 'r3', critical)).toBe('sent');
    expect(here.chat[1]).toContain('(+1 suppressed)');
  });
  it('with other ids are none', async () => {
    const here = room();
    expect(await run(here, 'r1', { ids: [1] })).toBe('sent');
    expect(await run(here, 'r2', { ids: [1, 2] })).toBe('sent');
    expect(await run(here, 'r3', { ids: [2, 1] })).toBe('deduplicated');
  });
  it('of a message that never arrived are none', async () => {
    const here = room();
    here.answers.push(async () => ({ status: 401, body: '{"ok":false}' }));
    expect(await run(here, 'r1')).toBe('failed');
    expect(await run(here, 'r2')).toBe('sent');
    expect(here.ledger.rows[0].outcome).toBe('failed(HTTP 401 (check TELEGRAM_BOT_TOKEN))');
  });
  it('are known from the fallback while the database is away', async () => {
    for (const ledger of [brokenLedger, null]) {
      const here = room();
      const fallbackLedger = memoryLedger();
      const ports = { ledger: ledger as AlertLedger | null, fallbackLedger };
      const both = { ...here, alerter: () => here.alerter({ ports }) };
      const critical = { event: 'db_connection', severity: 'CRITICAL' } as const;
      expect([await run(both, 'r1', critical), await run(both, 'r2', critical)]).toEqual(['sent', 'deduplicated']);
      expect(fallbackLedger.rows).toHaveLength(2);
      // the database is back and does not know; the fallback does
      const back = { ...here, alerter: () => here.alerter({ ports: { fallbackLedger } }) };
      expect(await run(back, 'r3', critical)).toBe('deduplicated');
    }
  });
  it('of a corruption of 6 % of the rows are one critical message, although the threshold is ERROR', async () => {
    const here = room();
    const found = findCorruption([{ id: 825, rows: 100, rejected: 4, repaired: 2 }], configured.corruption)!;
    expect(await run(here, 'r1', corruptionEvent(found, 'r1'))).toBe('sent');
    await here.clock.advance(14 * MINUTE_MS);
    expect(await run(here, 'r2', corruptionEvent(found, 'r2'))).toBe('deduplicated');
    expect(here.chat).toHaveLength(1);
    expect(here.chat[0]).toMatch(
      /^🔴 <b>\[CRITICAL\] OHLC corruption above threshold<\/b>\n\nRun: 6 of 100 rows \(6\.00 %\)/,
    );
  });
});

describe('an order for a message', () => {
  it('passes threshold and deduplication', async () => {
    const { alerter, chat, clock } = room();
    for (let round = 0; round < 2; round++) {
      const sending = alerter().notifyNow(failed({ event: 'test', severity: 'INFO', title: 'Test alert' }));
      expect(await clock.until(sending)).toEqual({ kind: 'sent' });
    }
    expect(chat).toHaveLength(2);
    expect(chat[0]).toContain('🔵 <b>[INFO] Test alert</b>');
  });
});

describe('the pace', () => {
  it('is one message a second', async () => {
    const { alerter, clock, sentAtMs } = room();
    const alerts = alerter({ limits: { collectMs: 0 } });
    for (const component of ['a', 'b', 'c', 'd']) void alerts.notify(failed({ component }));
    await clock.until(alerts.drain());
    expect(sentAtMs).toEqual([0, 1000, 2000, 3000]);
  });
  it('makes nothing wait that comes later anyway', async () => {
    const { alerter, clock, sentAtMs } = room();
    const alerts = alerter({ limits: { collectMs: 0 } });
    await clock.until(alerts.notify(failed({ component: 'a' })));
    await clock.advance(5000);
    await clock.until(alerts.notify(failed({ component: 'b' })));
    expect(sentAtMs).toEqual([0, 5000]);
  });
});

describe('the messages of a run', () => {
  const many = (alerts: Alerter, count: number) =>
    Array.from({ length: count }, (_, index) => alerts.notify(failed({ component: `c${index}`, ids: [index] })));

  it('are twenty when there are twenty alerts', async () => {
    const { alerter, chat, clock } = room();
    const alerts = alerter();
    many(alerts, 20);
    expect(await clock.until(alerts.drain())).toMatchObject({ sent: 20, failed: 0 });
    expect(chat).toHaveLength(20);
    expect(chat[19]).toContain('[ERROR] bars failed');
  });
  it('are twenty when there are more: the last one is a digest of the surplus', async () => {
    const { alerter, chat, clock, ledger } = room();
    const alerts = alerter();
    const outcomes = many(alerts, 30);
    expect(await clock.until(alerts.drain())).toMatchObject({ sent: 30, failed: 0 });
    expect(chat).toHaveLength(20);
    expect(chat[19]).toContain('[ERROR] 11 more alerts in this run');
    expect(chat[19].match(/bars failed/g)).toHaveLength(11);
    const kinds = (await Promise.all(outcomes)).map(({ kind }) => kind);
    expect(kinds).toEqual([...Array(19).fill('sent'), ...Array(11).fill('digested')]);
    expect(ledger.rows.map(({ outcome }) => outcome)).toEqual(Array(30).fill('sent'));
  });
  it('never make a caller wait for drain', async () => {
    const { alerter, clock } = room();
    const alerts = alerter();
    for (let index = 0; index < 22; index++) await clock.until(alerts.notify(failed({ component: `c${index}` })));
    expect(await clock.until(alerts.drain())).toMatchObject({ sent: 22 });
  });
  it('are remembered when they were part of a digest', async () => {
    const { alerter, clock } = room();
    const first = alerter();
    many(first, 21);
    await clock.until(first.drain());
    const second = alerter();
    const outcome = second.notify(failed({ component: 'c20', ids: [20], runId: 'r2' }));
    await clock.until(second.drain());
    expect(await outcome).toEqual({ kind: 'deduplicated' });
  });
  it('end after the digest', async () => {
    const { alerter, clock } = room();
    const alerts = alerter();
    many(alerts, 21);
    await clock.until(alerts.drain());
    expect(await clock.until(alerts.notify(failed({ component: 'late' })))).toMatchObject({
      kind: 'failed',
      code: 'ALERT_LIMIT',
    });
  });
  it('lead with the worst of the surplus', async () => {
    const { alerter, chat, clock } = room();
    const alerts = alerter({ limits: { messagesPerRun: 2 } });
    for (const [index, severity] of (['CRITICAL', 'ERROR', 'CRITICAL', 'ERROR'] as const).entries()) {
      void alerts.notify(failed({ severity, component: `c${index}` }));
    }
    await clock.until(alerts.drain());
    expect(chat).toHaveLength(2);
    expect(chat[1]).toMatch(/^🔴 <b>\[CRITICAL\] 3 more alerts in this run<\/b>\n\n🔴 .*\n🟠 .*\n🟠 /);
  });
  it('are failures when the digest does not arrive', async () => {
    const { alerter, answers, clock, ledger } = room();
    const alerts = alerter({ limits: { messagesPerRun: 1 } });
    many(alerts, 3);
    answers.push(async () => ({ status: 403 }));
    expect(await clock.until(alerts.drain())).toMatchObject({ sent: 0, failed: 3 });
    expect(ledger.rows.map(({ outcome }) => outcome.slice(0, 15))).toEqual(Array(3).fill('failed(HTTP 403'));
  });
});

describe('the time for alerts', () => {
  const hang = (clock: Room['clock']): Answer => {
    return () => clock.sleep(1e9).then(() => ({ status: 200 }));
  };

  it('is 90 seconds of work in a run, whatever the server does', async () => {
    const { alerter, answers, clock } = room();
    const alerts = alerter({ limits: { collectMs: 0 } });
    answers.push(
      ...Array(100).fill(async () => ({ status: 429, body: '{"ok":false,"parameters":{"retry_after":40}}' })),
    );
    const outcomes = Array.from({ length: 6 }, (_, index) => alerts.notify(failed({ component: `c${index}` })));
    await clock.until(Promise.all(outcomes));
    // 40 s + 40 s for the first; the second may not wait another 40 s
    expect(clock.monotonicMs()).toBeLessThanOrEqual(90_000);
    expect(await alerts.drain()).toMatchObject({ sent: 0, failed: 6 });
  });
  it('does not run while nothing is sent', async () => {
    const { alerter, clock } = room();
    const alerts = alerter();
    await clock.until(alerts.notify(failed({ component: 'a' })));
    await clock.advance(3_600_000);
    expect(await clock.until(alerts.notify(failed({ component: 'b' })))).toEqual({ kind: 'sent' });
  });
  it('of drain ends a request that hangs, and everything behind it', async () => {
    const { alerter, answers, clock, ledger } = room();
    const alerts = alerter({ limits: { collectMs: 0 } });
    answers.push(hang(clock));
    const outcomes = ['a', 'b', 'c'].map((component) => alerts.notify(failed({ component })));
    const summary = await clock.until(alerts.drain(3000));
    expect(clock.monotonicMs()).toBe(3000);
    expect(summary).toMatchObject({ sent: 0, failed: 3 });
    for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatchObject({ code: 'ALERT_BUDGET' });
    expect(ledger.rows).toHaveLength(3);
  });
  it('of drain is not used up by a ledger that hangs', async () => {
    const { alerter, chat, clock } = room();
    const alerts = alerter({ ports: { ledger: hangingLedger, fallbackLedger: hangingLedger } });
    for (const component of ['a', 'b', 'c']) void alerts.notify(failed({ component }));
    expect(await clock.until(alerts.drain())).toMatchObject({ sent: 3, failed: 0 });
    expect(chat).toHaveLength(3);
    expect(clock.monotonicMs()).toBeLessThan(5000);
  });
  it('of 0 sends nothing', async () => {
    const { alerter, chat, clock } = room();
    const alerts = alerter();
    const outcome = alerts.notify(failed());
    expect(await clock.until(alerts.drain(0))).toMatchObject({ failed: 1 });
    expect(await outcome).toMatchObject({ code: 'ALERT_BUDGET' });
    expect(chat).toEqual([]);
  });
  it('is not needed when there is nothing to send', async () => {
    const { alerter, clock } = room();
    expect(await alerter().drain()).toEqual({ sent: 0, suppressed: 0, failed: 0, belowThreshold: 0, notConfigured: 0 });
    expect(clock.monotonicMs()).toBe(0);
  });
});

describe('drain', () => {
  it('sends what comes while it is under way', async () => {
    const { alerter, answers, chat, clock } = room();
    const alerts = alerter();
    answers.push(() => clock.sleep(500).then(() => ({ status: 200 })));
    void alerts.notify(failed({ component: 'a' }));
    const draining = alerts.drain();
    await clock.advance(100);
    void alerts.notify(failed({ component: 'b' }));
    expect(await clock.until(draining)).toMatchObject({ sent: 2 });
    expect(chat).toHaveLength(2);
  });
  it('may be called again', async () => {
    const { alerter, clock } = room();
    const alerts = alerter();
    void alerts.notify(failed({ component: 'a' }));
    const both = Promise.all([alerts.drain(), alerts.drain()]);
    expect((await clock.until(both)).map(({ sent }) => sent)).toEqual([1, 1]);
    void alerts.notify(failed({ component: 'b' }));
    expect(await clock.until(alerts.drain())).toMatchObject({ sent: 2 });
  });
});

describe('notify never rejects', () => {
  it('over a failed delivery, which leaves a WARN record and a row', async () => {
    const { alerter, answers, clock, ledger, log } = room();
    const alerts = alerter();
    answers.push(offline, offline, offline);
    expect(await clock.until(alerts.notify(failed()))).toEqual({
      kind: 'failed',
      code: 'ALERT_NETWORK',
      reason: 'network error (ECONNREFUSED)',
    });
    expect(ledger.rows).toMatchObject([{ outcome: 'failed(network error (ECONNREFUSED))', sentAtMs: null }]);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/^warn alert not delivered: network error \(ECONNREFUSED\) /);
  });
  it('over ports that throw', async () => {
    const throwing = () => {
      throw new Error('no');
    };
    const { alerter, clock } = room();
    const alerts = alerter({
      ports: {
        log: throwing,
        transport: throwing,
        redact: throwing,
        ledger: brokenLedger,
        fallbackLedger: brokenLedger,
      },
    });
    expect(await clock.until(alerts.notify(failed()))).toMatchObject({ kind: 'failed', code: 'ALERT_INTERNAL' });
    expect(await clock.until(alerts.drain())).toMatchObject({ failed: 1 });
  });
  for (const [name, event] of [
    ['nothing', undefined],
    ['null', null],
    ['a text', 'boom'],
    ['an empty object', {}],
    ['parts of wrong types', { event: 7, severity: 'LOUD', title: {}, body: 'text', ids: 'x', details: 1, context: 5 }],
    ['values that cannot be texts', { event: 'run_ok', body: [Symbol('x'), Object.create(null)] }],
  ] as const) {
    it(`over ${name} instead of an event`, async () => {
      const { alerter, clock } = room();
      const alerts = alerter({ config: { minSeverity: 'INFO' } });
      const { kind } = await clock.until(alerts.notify(event as unknown as AlertEvent));
      expect(['sent', 'failed']).toContain(kind);
      await clock.until(alerts.drain());
    });
  }
});
