import { readAssets, StoreError } from '@ta/state-store';
import { Hono, type Context } from 'hono';
import type { ServerResponse } from 'node:http';
import { denial, denialOfPlace, isSameSecret, SESSION_COOKIE, type AccessPolicy } from './access.ts';
import { createAnswersUnderWay, type UnderWay } from './answers-under-way.ts';
import type { Assets, Catalogue, Refusal } from './api.ts';
import {
  assertTimeframe,
  BAR_SOURCES,
  emaChoices,
  emaTablesOver,
  readKnownNames,
  type KnownNames,
} from './catalogue.ts';
import type { ReadAccess } from './database-lease.ts';
import type { PageFile } from './page-files.ts';
import { BadParameter, integer, oneOf, readParameters, runName, type Reader } from './parameters.ts';
import { readChart } from './read/chart.ts';
import { readFindings } from './read/findings.ts';
import { readFreshness } from './read/freshness.ts';
import { readRun, readRuns } from './read/runs.ts';
import { createGarbage } from './garbage.ts';
import { createSessions } from './sessions.ts';
import { sharing } from './shared-answers.ts';

/** What the page is served from. */
export interface AppSettings {
  readonly access: ReadAccess;
  readonly page: ReadonlyMap<string, PageFile>;
  readonly policy: AccessPolicy;
  /** The database as people know it, password masked. */
  readonly target: string;
  /** The clock that freshness is judged by, epoch ms. */
  readonly now: () => number;
  readonly maxAgeHours: number;
}

/** What belongs to a request; `outgoing`, the response that sends its answer, is absent without a server. */
export interface AppEnv {
  Bindings: { readonly outgoing?: ServerResponse };
  Variables: { answer: UnderWay };
}

const MAX_BARS = 10_000;
const MAX_ID = 2_147_483_647;
const MAX_URL = 2_048;

const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/**
 * The server as a function from a request to an answer. There is no route that writes, every read is a read-only
 * transaction, and a request is checked completely (host, origin, token, parameters against closed lists) before a
 * query runs. The lists are read in advance, so a bad request never reaches the database.
 */
export async function createApp(settings: AppSettings): Promise<Hono<AppEnv>> {
  const { access } = settings;
  let names: KnownNames = await access.read(readKnownNames);
  const sessions = createSessions();
  const underWay = createAnswersUnderWay();
  const shared = sharing<Buffer<ArrayBuffer>>();
  const garbage = createGarbage();
  const app = new Hono<AppEnv>();
  const policyNow = (): AccessPolicy => ({
    ...settings.policy,
    isSession: (id) => sessions.has(id, performance.now()),
  });

  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });

  app.use(async (c, next) => {
    const url = new URL(c.req.url);
    const header = (name: string): string | undefined => c.req.header(name);
    if (c.req.url.length > MAX_URL) return refuse(c, 414, 'The address is too long.');
    const facts = {
      ...{ method: c.req.method, path: url.pathname, host: header('host'), origin: header('origin') },
      ...{ fetchSite: header('sec-fetch-site'), cookie: header('cookie'), authorization: header('authorization') },
    };
    const policy = policyNow();
    if (isSignIn(policy, url) && denialOfPlace(policy, facts) === null) {
      const session = sessions.open(performance.now());
      c.header('Set-Cookie', `${SESSION_COOKIE}=${session}; HttpOnly; SameSite=Strict; Path=/`);
      return c.redirect('/', 303);
    }
    const denied = denial(policy, facts);
    if (denied !== null) return refuse(c, denied.status, denied.error);
    const answer = underWay.begin(c.env?.outgoing);
    if (answer === null) return refuse(c, 503, 'Too many requests at once.');
    c.set('answer', answer);
    try {
      await next();
    } finally {
      answer.done();
    }
    return undefined;
  });

  const route = <T>(
    path: string,
    readers: { [K in keyof T]: Reader<T[K]> },
    answer: (parameters: T) => Promise<object>,
  ) =>
    app.get(path, async (c) => {
      const parameters = readParameters(new URL(c.req.url).searchParams, readers);
      const bytes = await shared(JSON.stringify([path, parameters]), async () => {
        const made = Buffer.from(JSON.stringify(await answer(parameters)));
        garbage.made(made.length);
        return made;
      });
      if (!c.get('answer').reserve(bytes)) return refuse(c, 503, 'Too many answers are waiting to be read.');
      return c.body(bytes, 200, { 'Content-Type': 'application/json' });
    });

  route('/api/catalogue', {}, async (): Promise<Catalogue> => {
    names = await access.read(readKnownNames);
    return { target: settings.target, ...names, maxBars: MAX_BARS };
  });
  route('/api/assets', {}, async (): Promise<Assets> => {
    const assets = await access.read(readAssets);
    return { assets: assets.map(({ id, name, symbol }) => ({ id, name, symbol })) };
  });
  route(
    '/api/chart',
    {
      id: integer(1, MAX_ID),
      source: oneOf(BAR_SOURCES),
      tf: (value) => value ?? '',
      emas: (value, name) => emaChoices(names)(value, name),
      limit: integer(1, MAX_BARS, 4_000),
    },
    async (request) => {
      assertTimeframe(names, request.source, request.tf);
      const tables = emaTablesOver(request.source);
      if (!request.emas.every(({ table }) => tables.includes(table))) {
        throw new BadParameter('emas', `tables over ${request.source}: ${tables.join(', ')}`);
      }
      return access.read((session) => readChart(session, request));
    },
  );
  route('/api/freshness', { after: integer(0, MAX_ID, 0), limit: integer(1, 1_000, 1_000) }, (request) => {
    const clock = { nowMs: settings.now(), maxAgeHours: settings.maxAgeHours };
    return access.read((session) => readFreshness(session, request, clock));
  });
  route('/api/runs', { limit: integer(1, 200, 50) }, ({ limit }) => access.read((session) => readRuns(session, limit)));
  route('/api/run', { run: runName }, ({ run }) => access.read((session) => readRun(session, run)));
  route('/api/findings', { limit: integer(1, 1_000, 500) }, ({ limit }) =>
    access.read((session) => readFindings(session, limit)),
  );

  app.get('*', (c) => {
    const url = new URL(c.req.url);
    const file = settings.page.get(url.pathname);
    if (file === undefined) return refuse(c, 404, 'There is no such page.');
    // these names contain a hash of the content, so a browser may cache the files, and what it compiles of them
    if (url.pathname.startsWith('/assets/')) c.header('Cache-Control', 'private, max-age=31536000, immutable');
    return c.body(file.bytes, 200, { 'Content-Type': file.type });
  });

  app.onError((error, c) => {
    if (error instanceof BadParameter) return refuse(c, 400, error.message);
    if (error instanceof StoreError) return refuse(c, 503, error.message, error.hint);
    return refuse(c, 500, 'The server failed.');
  });
  return app;
}

/** Whether an address is `/?token=…` with the right token. */
function isSignIn({ token }: AccessPolicy, url: URL): boolean {
  const given = url.pathname === '/' ? url.searchParams.get('token') : null;
  return token !== null && given !== null && isSameSecret(given, token);
}

function refuse(
  c: Context,
  status: 400 | 401 | 403 | 404 | 405 | 414 | 500 | 503,
  error: string,
  hint?: string,
): Response {
  const body: Refusal = hint === undefined ? { error } : { error, hint };
  return c.json(body, status);
}
