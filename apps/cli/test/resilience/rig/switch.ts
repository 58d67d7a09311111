import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** One address before several servers: new connections go to the one that is in charge. */
export interface Switch {
  /** The first server's URL, led through the switch. */
  readonly url: string;
  /** Puts another server in charge, and ends the connections to the one before. */
  to(serverUrl: string): void;
  close(): Promise<void>;
}

/** Opens a switch before the server of a URL, as a virtual address or a balancer stands before a pair. */
export async function openSwitch(serverUrl: string): Promise<Switch> {
  let target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(serverUrl);
  url.port = String((server.address() as AddressInfo).port);
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    to(next) {
      target = new URL(next);
      cutAll();
    },
    async close() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
