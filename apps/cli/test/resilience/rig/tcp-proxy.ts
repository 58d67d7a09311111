import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** When connections through a proxy are cut. */
export interface CutRule {
  /** A connection is cut once the client has sent that many bytes. */
  readonly afterBytes: number;
  /** How many connections are cut at most. */
  readonly most: number;
}

/** A proxy before a server, whose connections can be cut. */
export interface TcpProxy {
  /** The server's URL, led through the proxy. */
  readonly url: string;
  /** Connections cut so far. */
  cuts(): number;
  close(): Promise<void>;
}

/** Starts a proxy before the server of a URL. */
export async function startProxy(serverUrl: string, rule: CutRule): Promise<TcpProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    let sent = 0;
    client.on('data', (bytes) => {
      sent += bytes.length;
      if (sent >= rule.afterBytes && cuts < rule.most) {
        cuts++;
        client.resetAndDestroy();
        upstream.resetAndDestroy();
        return;
      }
      if (!upstream.write(bytes)) client.pause();
    });
    upstream.on('drain', () => client.resume());
    client.on('end', () => upstream.end());
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cuts: () => cuts,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
