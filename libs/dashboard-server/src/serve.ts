import type { Server } from 'node:http';
import { serve, type ServerType } from '@hono/node-server';
import { assertPolicy } from './access.ts';
import { createApp, type AppSettings } from './create-app.ts';
import { DashboardError } from './errors.ts';
import { loadPage } from './page-files.ts';

/** The settings of the server. */
export interface ServeSettings extends Omit<AppSettings, 'page' | 'policy'> {
  /** Folder of the built page. */
  readonly pageDir: string;
  /** Address to listen on; other than loopback needs a token. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly token: string | null;
}

/** A page that is being served. */
export interface Served {
  readonly url: string;
  readonly port: number;
  /** Stops taking requests and closes the database. */
  close(): Promise<void>;
}

/**
 * Serves the page until it is closed.
 * @throws DashboardError `DASH_NEEDS_TOKEN`, `DASH_NO_PAGE`, `DASH_PORT_IN_USE`, `DASH_LISTEN`; StoreError when the
 * database cannot be read
 */
export async function serveDashboard(settings: ServeSettings): Promise<Served> {
  const { host, port, token, access } = settings;
  assertPolicy({ host, token });
  const page = loadPage(settings.pageDir);
  const policy = { host, port, token };
  const app = await createApp({ ...settings, page, policy });
  const server = await listen(app.fetch as FetchCallback, host, port);
  const address = server.address();
  // no request is answered before the policy knows the port
  policy.port = typeof address === 'object' && address !== null ? address.port : port;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${policy.port}/`,
    port: policy.port,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
      await access.close();
    },
  };
}

/** Connections at a time; more are closed at once. */
const MOST_CONNECTIONS = 64;
/** A connection without traffic is cut after this time. */
const SILENCE_MS = 15_000;
/** Time limits, ms, for a request to arrive and for a connection to wait for the next one; and the largest headers, bytes. */
const LIMITS = { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 16_384 };

type FetchCallback = Parameters<typeof serve>[0]['fetch'];

function listen(fetch: FetchCallback, hostname: string, port: number): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port, serverOptions: LIMITS }, () => resolve(server));
    const plain = server as Server;
    plain.maxConnections = MOST_CONNECTIONS;
    plain.setTimeout(SILENCE_MS, (socket) => void socket.destroy());
    server.on('error', (cause: NodeJS.ErrnoException) => {
      const hint = 'Choose another: --port 4200 (0 takes any free one)';
      reject(
        cause.code === 'EADDRINUSE'
          ? new DashboardError('DASH_PORT_IN_USE', `Port ${port} is taken`, { hint, cause })
          : new DashboardError('DASH_LISTEN', `Cannot listen on ${hostname}:${port}: ${cause.message}`, { cause }),
      );
    });
  });
}
