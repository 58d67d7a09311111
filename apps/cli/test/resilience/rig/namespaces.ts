import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A host of its own: a network namespace behind a pair of virtual cables. */
export interface NetworkHost {
  readonly name: string;
  /** Words that run a program there, to be put before it. */
  readonly through: readonly string[];
  /** Address of this machine as seen from there. */
  readonly gateway: string;
  /** Pulls the cable: packets vanish, nobody is told. */
  cut(): Promise<void>;
  /** Puts the cable in again. */
  mend(): Promise<void>;
  remove(): Promise<void>;
}

/** Whether this machine lets us make network namespaces: the superuser on Linux with iproute2. */
export async function canMakeHosts(): Promise<boolean> {
  const probe = `taprobe${process.pid}`;
  return run('ip', ['netns', 'add', probe])
    .then(() => run('ip', ['netns', 'del', probe]))
    .then(
      () => true,
      () => false,
    );
}

/**
 * Makes a host that reaches this machine over one cable.
 *
 * @param number tells hosts apart, 0 to 99
 * @param link what the cable is like; `slow` has 20 Mbit/s and drops what would wait for more than 25 ms
 */
export async function makeHost(number: number, link: 'quick' | 'slow'): Promise<NetworkHost> {
  const name = `tahost${number}`;
  const [cable, far] = [`tav${number}`, `taw${number}`];
  const [gateway, address] = [`10.213.${number}.1`, `10.213.${number}.2`];
  const ip = (...words: string[]) => run('ip', words);
  // what a campaign that was killed left behind; with a namespace goes its end of the cable, and so the other
  await ip('netns', 'del', name).catch(() => undefined);
  await ip('link', 'del', cable).catch(() => undefined);
  await ip('netns', 'add', name);
  await ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', far, 'netns', name);
  await ip('addr', 'add', `${gateway}/30`, 'dev', cable);
  await ip('link', 'set', cable, 'up');
  await ip('-n', name, 'addr', 'add', `${address}/30`, 'dev', far);
  await ip('-n', name, 'link', 'set', far, 'up');
  await ip('-n', name, 'link', 'set', 'lo', 'up');
  if (link === 'slow') {
    const shape = ['root', 'tbf', 'rate', '20mbit', 'burst', '16kb', 'latency', '25ms'];
    await run('tc', ['qdisc', 'add', 'dev', cable, ...shape]);
    await run('tc', ['-n', name, 'qdisc', 'add', 'dev', far, ...shape]);
  }
  return {
    ...{ name, gateway },
    through: ['ip', 'netns', 'exec', name],
    cut: async () => void (await ip('link', 'set', cable, 'down')),
    mend: async () => void (await ip('link', 'set', cable, 'up')),
    async remove() {
      await ip('link', 'del', cable).catch(() => undefined);
      await ip('netns', 'del', name);
    },
  };
}
