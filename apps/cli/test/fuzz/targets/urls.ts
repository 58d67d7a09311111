import { createRedact } from '@ta/cli-kit';
import { describeTarget, openDatabase, resolveDatabaseTarget, type DatabaseTarget } from '@ta/state-store';
import fc from 'fast-check';
import {
  damaged,
  expectDocumented,
  expectNoSecret,
  outcomeOf,
  SECRET,
  type FuzzTarget,
  type Verdict,
} from '../fuzz-target.ts';

/** Nothing answers there, and nobody has to be asked who that is. */
const HOSTS = ['127.0.0.1:1', '[::1]:1', '127.0.0.1:2', 'localhost:1'];

const password = fc.oneof(
  { weight: 3, arbitrary: fc.constant(SECRET) },
  {
    weight: 3,
    arbitrary: fc
      .string({ unit: fc.constantFrom(...'aZ9/@:#?%&=+ é"\'\\[]{}|^~$!*()'), maxLength: 6 })
      .map((odd) => `${odd}${SECRET}`),
  },
);

const wellMade = fc
  .record({
    scheme: fc.constantFrom('postgresql://', 'postgres://', 'POSTGRES://', 'postgresql+psycopg2://'),
    user: fc.constantFrom('u', 'ta_refresh', 'me@work', ''),
    password,
    host: fc.constantFrom(...HOSTS),
    database: fc.constantFrom('/d', '/', '', '/my%20db'),
    query: fc.constantFrom(
      '',
      '',
      '?sslmode=disable',
      '?application_name=x',
      `?password=${SECRET}`,
      '?connect_timeout=1',
    ),
  })
  .map(({ user, password: secret, ...rest }) => ({
    ...rest,
    user,
    secret,
    text: `${rest.scheme}${encodeURIComponent(user)}:${encodeURIComponent(secret)}@${rest.host}${rest.database}${rest.query}`,
  }));
const unescaped = fc
  .tuple(password, fc.constantFrom(...HOSTS))
  .map(([secret, host]) => `postgresql://u:${secret}@${host}/d`);
const keyWords = fc.constantFrom(
  `host=127.0.0.1 port=1 password=${SECRET}`,
  `u:${SECRET}@127.0.0.1`,
  `postgresql:///d?host=/nowhere&password=${SECRET}`,
  `postgresql://u:${SECRET}@127.0.0.1:1,127.0.0.1:2/d`,
  `mysql://u:${SECRET}@127.0.0.1/d`,
);
const odd = damaged(
  fc.oneof(
    wellMade.map(({ text }) => text),
    unescaped,
    keyWords,
  ),
);
type UrlCase = { made: typeof wellMade extends fc.Arbitrary<infer T> ? T : never } | { odd: string };

/** Database URLs: the place that is meant, or a refusal; and in no message a password. */
export const urlsTarget: FuzzTarget = {
  name: 'database URLs',
  share: 100,
  open: () =>
    Promise.resolve({
      cases: fc.oneof(
        { weight: 1, arbitrary: fc.record({ made: wellMade }) },
        { weight: 2, arbitrary: fc.record({ odd }) },
      ),
      play: (given) => playUrl(given as UrlCase),
      close: () => Promise.resolve(),
    }),
};

const redact = createRedact([]);

async function playUrl(given: UrlCase): Promise<Verdict> {
  const text = 'made' in given ? given.made.text : given.odd;
  const outcome = await outcomeOf(() =>
    resolveDatabaseTarget({ env: { DATABASE_URL: text }, workspaceRoot: '/nowhere' }),
  );
  if ('error' in outcome) {
    expectSilent(outcome.error, text);
    if ('made' in given) throw new Error('Refused although it is well made');
    return 'refused';
  }
  const target = outcome.value;
  if (isPlanted(text)) expectNoSecret(describeTarget(target));
  if (target.engine === 'pglite') {
    if (text.trim() !== '') throw new Error('A URL became an embedded database');
    return 'accepted';
  }
  if ('made' in given) expectMeant(target.url, given.made);
  if (!HOSTS.some((host) => hostOf(target.url) === host)) return 'accepted';
  const opening = await outcomeOf(() => openDatabase(target, { connectTimeoutMs: 500 }));
  if (!('error' in opening)) throw new Error('Something answered');
  expectSilent(opening.error, text);
  return 'accepted';
}

/** Where a password stands: after a name and a colon, or named as one (even if by a mistyped name). */
const PLACE = new RegExp(`((^|/|@)[^:/@\\s]+:[^\\s]*?(?=${SECRET}[^]*@)|[?&][^=&#?]*=)${SECRET}`, 'gi');

/** Whether the planted password is whole, and stands where a password stands and nowhere else. */
function isPlanted(text: string): boolean {
  const rest = text.replace(/^[a-z0-9+]+:\/+/i, '/').replace(PLACE, '');
  return rest.length < text.length - SECRET.length && !rest.includes(SECRET.slice(4));
}

function expectSilent(error: unknown, text: string): void {
  if (isPlanted(text)) expectDocumented(error);
  else
    expectDocumented(
      Object.assign(new Error(redact((error as Error).message).replaceAll(SECRET.slice(4), '***')), {
        code: (error as { code?: unknown }).code,
      }),
    );
}

function expectMeant(url: string, { user, secret, host, database }: Extract<UrlCase, { made: unknown }>['made']): void {
  const read = new URL(url);
  const found = [read.username, read.password].map(decodeURIComponent);
  if (found[0] !== user || found[1] !== secret || read.host !== host || read.pathname !== database)
    throw new Error(`Means another place: ${url}`);
}

function hostOf(url: string): string | null {
  try {
    const { host, search } = new URL(url);
    return /host|port|ssl|service/i.test(search) ? null : host;
  } catch {
    return null;
  }
}

/** A target that nobody can reach, with a planted password. */
export const NOWHERE: DatabaseTarget = {
  engine: 'postgres',
  url: `postgresql://u:${SECRET}@127.0.0.1:1/d`,
  source: 'fuzz',
};
