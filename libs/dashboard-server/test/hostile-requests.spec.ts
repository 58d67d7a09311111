import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../src/create-app.ts';
import type { ReadAccess } from '../src/database-lease.ts';
import { createTestDatabase, type TestDatabase } from '../../pipeline/test/test-database.ts';

const HOST = '127.0.0.1:4180';
const BASE = `http://${HOST}`;

/** Values that no parameter may have. */
const BAD_IDS = [
  ...['', '0', '-1', '01', '1.0', '1e3', '0x10', ' 1', '1 ', '+1', '1,2', 'all', 'NaN', 'null', 'null', 'undefined'],
  ...[
    '2147483648',
    '99999999999999999999',
    '1;DROP TABLE dim_assets',
    "1' OR '1'='1",
    '1--',
    '1/**/',
    '١',
    '１',
    '1%00',
  ],
  ...['1\u0000', '1\n', '{"$gt":0}', '[1]', '../1', '%31', "1) UNION SELECT 1,'x'--", '1\\', '<script>'],
];
const BAD_NAMES = [
  ...[
    '',
    ' ',
    '1D ',
    ' 1D',
    '1d',
    '99D',
    '10000000D',
    '1D\u0000',
    "1D' OR '1'='1",
    '1D;DROP TABLE dim_timeframe',
    '1D--',
  ],
  ...['1D"', '1D\\', '$1', '%', '_', '*', 'null', '__proto__', 'constructor', 'toString', '../../etc/passwd', '1D,7D'],
  ...['pg_sleep(10)', '(SELECT 1)', '<img src=x onerror=alert(1)>', '\u202e1D', 'ID', '1D\n', 'x'.repeat(1500)],
];
const BAD_EMAS = [
  ...[
    'multi_tf',
    'multi_tf:',
    ':9',
    'multi_tf:9:',
    'multi_tf:9:ema',
    'multi_tf:9:bar',
    'multi_tf:9:bar:x',
    'multi_tf:0',
  ],
  ...[
    'multi_tf:-9',
    'multi_tf:09',
    'multi_tf:9.0',
    'multi_tf:9 ',
    'multi_tf:1e1',
    'multi_tf:999',
    'cmc_ema_multi_tf:9',
  ],
  ...[
    'dim_assets:9',
    'multi_tf;DROP TABLE x:9',
    "multi_tf:9' OR 1=1",
    '__proto__:9',
    'multi_tf:__proto__',
    ',',
    'multi_tf:9,',
  ],
  ...['multi_tf_cal_us:9', new Array(25).fill('multi_tf:9').join(',')],
];
const BAD_SOURCES = [
  '',
  '1D',
  '2d',
  'multi_tf_u',
  'cal',
  '__proto__',
  'constructor',
  'cal_iso;--',
  "cal_iso'",
  'CAL_ISO',
];
const BAD_LIMITS = ['0', '-1', '10001', '1e9', '1.5', 'x', '', ' 5', '9999999999999', '1;SELECT pg_sleep(9)'];
const BAD_RUNS = [
  '',
  ' ',
  "x'--",
  'a b',
  '../x',
  'x'.repeat(101),
  'é',
  '%',
  "run-1'; DROP TABLE ops_runs;--",
  '-x',
  '<b>',
];

const chart = (change: Record<string, string>) => {
  const good = { id: '1', source: '1d', tf: '1D', emas: '', limit: '100' };
  return `/api/chart?${new URLSearchParams({ ...good, ...change }).toString()}`;
};
const one = (path: string, name: string) => (value: string) =>
  `${path}?${new URLSearchParams({ [name]: value }).toString()}`;

const HOSTILE: readonly string[] = [
  ...BAD_IDS.map((id) => chart({ id })),
  ...BAD_NAMES.map((tf) => chart({ tf })),
  ...BAD_EMAS.map((emas) => chart({ emas })),
  ...BAD_SOURCES.map((source) => chart({ source })),
  ...BAD_LIMITS.map((limit) => chart({ limit })),
  ...BAD_LIMITS.map(one('/api/findings', 'limit')),
  ...BAD_LIMITS.map(one('/api/runs', 'limit')),
  ...BAD_LIMITS.filter((limit) => limit !== '0').map(one('/api/freshness', 'limit')),
  ...BAD_IDS.filter((id) => id !== '0').map(one('/api/freshness', 'after')),
  ...BAD_RUNS.map(one('/api/run', 'run')),
  ...[
    `${chart({})}&id=2`,
    `${chart({})}&extra=1`,
    `${chart({})}&__proto__=1`,
    '/api/chart',
    '/api/chart?id=1',
    '/api/run',
  ],
  ...[
    chart({ source: 'multi_tf' }),
    chart({ source: 'cal_iso', tf: '1W_CAL_US' }),
    '/api/assets?q=1',
    '/api/catalogue?x',
  ],
  ...[
    '/api',
    '/api/',
    '/api/sql?q=SELECT+1',
    '/api/bars/../chart',
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/.env',
  ],
  ...['//evil.example/', '/index.html/../../package.json', '/%00', `/?${'x'.repeat(3000)}`],
];

describe('requests that want more than they may have', () => {
  let test: TestDatabase;
  let app: Awaited<ReturnType<typeof createApp>>;
  let reads = 0;

  beforeAll(async () => {
    test = await createTestDatabase('pglite');
    const access: ReadAccess = {
      read: (fn) => {
        reads++;
        return test.database.transaction(fn, { readOnly: true });
      },
      close: async () => undefined,
    };
    app = await createApp({
      ...{ access, page: new Map(), policy: { host: '127.0.0.1', port: 4180, token: null } },
      ...{ target: 'test', now: () => 0, maxAgeHours: 48 },
    });
    reads = 0;
  });
  afterAll(() => test.drop());

  const send = (path: string, init: RequestInit = {}) =>
    app.request(`${BASE}${path}`, { ...init, headers: { host: HOST, ...init.headers } });

  it('a good request does run a query: the counter counts', async () => {
    expect((await send(chart({}))).status).toBe(200);
    expect(reads).toBe(1);
    reads = 0;
  });

  it(`each of ${HOSTILE.length} bad requests is answered with 4xx, and no query runs`, async () => {
    expect(HOSTILE.length).toBeGreaterThan(150);
    const wrong: unknown[] = [];
    for (const path of HOSTILE) {
      const { status } = await send(path);
      if (!(status >= 400 && status < 500) || reads > 0) wrong.push([path, status, reads]);
      reads = 0;
    }
    expect(wrong).toStrictEqual([]);
  });

  it('a foreign Host, a foreign Origin, another site and a writing method run no query either', async () => {
    const good = chart({});
    const answers = [
      await send(good, { headers: { host: 'evil.example' } }),
      await send(good, { headers: { origin: 'http://evil.example' } }),
      await send(good, { headers: { 'sec-fetch-site': 'cross-site' } }),
      await send('/', { headers: { host: 'evil.example:4180' } }),
      await send(good.replace('/api', '/%61pi'), { headers: { 'sec-fetch-site': 'cross-site' } }),
      ...(await Promise.all(['POST', 'PUT', 'DELETE', 'PATCH'].map((method) => send(good, { method, body: '{}' })))),
    ];
    expect(answers.map(({ status }) => status)).toStrictEqual([403, 403, 403, 403, 403, 405, 405, 405, 405]);
    expect(reads).toBe(0);
  });

  it('no answer repeats what was sent, and every answer forbids framing, sniffing and scripts from elsewhere', async () => {
    const answer = await send(chart({ tf: '<img src=x onerror=alert(1)>' }));
    expect(await answer.text()).not.toContain('<img');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('access-control-allow-origin')).toBe(null);
  });
});
