import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { DashboardError } from './errors.ts';

/** Whose requests are answered. */
export interface AccessPolicy {
  /** Address the server listens on. */
  readonly host: string;
  readonly port: number;
  /** Required from every client if it is set; without a token the server serves only this machine. */
  readonly token: string | null;
  /** Whether a cookie is that of a browser which has shown the token. */
  readonly isSession?: (id: string) => boolean;
}

/** The parts of a request that decide whether it is answered at all. */
export interface RequestFacts {
  readonly method: string;
  /** As it was sent, with whatever is percent-encoded in it. */
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`. */
  readonly fetchSite: string | undefined;
  readonly cookie: string | undefined;
  readonly authorization: string | undefined;
}

/** A request that is not answered. */
export interface Denial {
  readonly status: 401 | 403 | 405;
  readonly error: string;
}

/** Cookie of a browser that has shown the token. It does not hold the token. */
export const SESSION_COOKIE = 'ta_ui';
const LEAST_TOKEN = 16;

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIPv4(host) && host.startsWith('127.');
}

/**
 * Refuses to serve other machines without a token.
 * @throws DashboardError `DASH_NEEDS_TOKEN`
 */
export function assertPolicy({ host, token }: Pick<AccessPolicy, 'host' | 'token'>): void {
  if (token !== null && token.length < LEAST_TOKEN) {
    throw new DashboardError('DASH_NEEDS_TOKEN', `The token must have at least ${LEAST_TOKEN} characters.`, {
      hint: 'Make one: node -p "crypto.randomUUID()"',
    });
  }
  if (isLoopback(host) || token !== null) return;
  throw new DashboardError('DASH_NEEDS_TOKEN', `Host ${host} would show the database to other machines.`, {
    hint: 'Keep 127.0.0.1, or set TA_UI_TOKEN to a secret of 16 characters or more.',
  });
}

/**
 * Decides whether a request is answered, before anything else is read from it: reading methods only; a `Host` that names this
 * server (another site that points its name at 127.0.0.1 sends its own name); no foreign `Origin`; the token when one is set.
 * @returns null when it is answered
 */
export function denial(policy: AccessPolicy, request: RequestFacts): Denial | null {
  const misplaced = denialOfPlace(policy, request);
  if (misplaced !== null) return misplaced;
  if (policy.token !== null && !isLetIn(policy, policy.token, request)) return { status: 401, error: 'Token needed.' };
  return null;
}

/** The same without asking for the token, for the link that contains it. */
export function denialOfPlace(policy: AccessPolicy, request: RequestFacts): Denial | null {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, error: 'This page only reads: GET and HEAD.' };
  }
  const { host, origin, fetchSite } = request;
  if (host === undefined || !isOwnHost(policy, host)) return { status: 403, error: 'Host is not this server.' };
  if (origin !== undefined && origin !== `http://${host}`) return { status: 403, error: 'Origin is not this page.' };
  if (!ENTRANCES.has(request.path) && fetchSite !== undefined && !['same-origin', 'none'].includes(fetchSite)) {
    return { status: 403, error: 'The request comes from another site.' };
  }
  return null;
}

/** What a link on another site may open. Everything else must be requested by our own page, however the address is written. */
const ENTRANCES: ReadonlySet<string> = new Set(['/', '/index.html']);

function isOwnHost({ host, port, token }: AccessPolicy, asked: string): boolean {
  const isWildcard = host === '0.0.0.0' || host === '::';
  // with a wildcard address any name may lead here; the browser sends the cookie only to the name that set it
  if (isWildcard && token !== null) return /^[a-z0-9.[\]:-]{1,255}$/i.test(asked);
  const own = isIPv6(host) ? `[${host}]` : host;
  const names = ['127.0.0.1', 'localhost', '[::1]', own];
  return names.some((name) => asked === `${name}:${port}` || (port === 80 && asked === name));
}

function isLetIn({ isSession }: AccessPolicy, token: string, { cookie, authorization }: RequestFacts): boolean {
  const cookies = (cookie ?? '').split(';').map((pair) => pair.trim());
  const own = cookies.find((pair) => pair.startsWith(`${SESSION_COOKIE}=`))?.slice(SESSION_COOKIE.length + 1);
  if (own !== undefined && isSession?.(own) === true) return true;
  const bearer = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
  return bearer !== undefined && isSameSecret(bearer, token);
}

/** Compares in a time that does not depend on how much of the secret is right. */
export function isSameSecret(given: string, secret: string): boolean {
  const [a, b] = [given, secret].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a, b);
}
