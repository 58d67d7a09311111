import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readQueueStatus } from '@ta/work-queue';
import { runCli, startCli, type CliRun } from './cli-process.ts';
import { startFleet, type Fleet, type FleetWorker } from './fleet.ts';
import { faultsOf, LAST_DAY, readBuilt, type Built, type ManyAssets, type ManyAssetsArena } from './many-assets.ts';
import type { NetworkHost } from './namespaces.ts';

/** A strike that hit living workers. */
export interface Hit {
  /** Items that were at work there. */
  readonly held: number;
  /** Seconds until another worker was given each of them; those that were not lost are missing. */
  readonly takenOverAfterS: readonly number[];
  /** How long a cut or a freeze took, seconds; 0 for a kill. */
  readonly seconds: number;
}

/** Strikes of one or more builds. */
export interface Strikes {
  readonly kills: Hit[];
  readonly cuts: Hit[];
  readonly freezes: Hit[];
}

/** Builds everything in one process. */
export async function buildAlone(arena: ManyAssetsArena, concurrency: number) {
  const place = await arena.place();
  const logDir = await mkdtemp(path.join(tmpdir(), 'ta-alone-'));
  try {
    const flags = ['--concurrency', String(concurrency)];
    const end = await runCli(refreshArgs(logDir, flags), { DATABASE_URL: place.url });
    if (end.code !== 0) throw new Error(`The build by one process ended with ${end.code}: ${end.stderr.slice(-500)}`);
    return { built: await place.inspect((session) => readBuilt(session, arena.ids)), seconds: end.seconds };
  } finally {
    await place.drop();
    await rm(logDir, { recursive: true, force: true });
  }
}

/** The arguments of a build. */
export function refreshArgs(logDir: string, flags: readonly string[]): string[] {
  return ['refresh', '--all', '--quiet', '--as-of', LAST_DAY, '--log-dir', logDir, ...flags];
}

/** How a build by workers is struck. */
export interface StrikePlan {
  /** No more than so many strikes. */
  readonly left: { readonly [kind in keyof Strikes]: number };
  readonly random: () => number;
}

/** Builds everything by two workers on each host while strikes fall, and compares. */
export async function buildByWorkers(
  arena: ManyAssetsArena,
  single: Built,
  hosts: readonly NetworkHost[],
  plan: StrikePlan,
): Promise<{ readonly strikes: Strikes; readonly seconds: number; readonly faults: readonly string[] }> {
  const place = await arena.place();
  const logDir = await mkdtemp(path.join(tmpdir(), 'ta-caller-'));
  const fleet = await startFleet(1);
  try {
    const sides = hosts.map((host) => ({ url: urlFrom(place.url, host), through: host.through }));
    await Promise.all([...sides, ...sides].map((side) => fleet.add(side)));
    const caller = startCli(refreshArgs(logDir, ['--distribute']), { DATABASE_URL: place.url });
    const storm = new Storm(place, fleet, hosts, caller, plan);
    await storm.rage();
    const end = await caller.ended;
    const strikes = await storm.over();
    const faults = end.code === 0 ? [] : [`the caller ended with ${end.code}: ${end.stderr.slice(-500)}`];
    faults.push(...(await fleet.drain()), ...(await place.inspect((session) => faultsOf(session, single))));
    return { strikes, seconds: end.seconds, faults };
  } finally {
    for (const { run } of fleet.workers()) run.kill('SIGKILL');
    await place.drop();
    await rm(logDir, { recursive: true, force: true });
  }
}

function urlFrom(url: string, { gateway }: NetworkHost): string {
  const seen = new URL(url);
  seen.hostname = gateway;
  return seen.href;
}

/** Kills, freezes and cuts at random moments, for as long as a build goes on. */
class Storm {
  private readonly strikes: Strikes = { kills: [], cuts: [], freezes: [] };
  private readonly healing: Promise<void>[] = [];
  private readonly cut = new Set<NetworkHost>();
  private readonly frozen = new Set<FleetWorker>();
  private readonly heard: { readonly atMs: number; readonly item: string }[] = [];
  private isOver = false;

  constructor(
    private readonly place: ManyAssets,
    private readonly fleet: Fleet,
    private readonly hosts: readonly NetworkHost[],
    private readonly caller: CliRun,
    private readonly plan: StrikePlan,
  ) {
    void caller.ended.then(() => (this.isOver = true));
  }

  async rage(): Promise<void> {
    const { random, left } = this.plan;
    void this.listen();
    while (!this.isOver) {
      await sleep(200 + random() * 1_800);
      const { kills, cuts, freezes } = this.strikes;
      const isFreeze = freezes.length < left.freezes && random() < 0.3;
      const isCut = random() < 0.3 && cuts.length < left.cuts && this.cut.size < this.hosts.length;
      if (this.isOver) return;
      if (isFreeze) await this.freezeOne();
      else if (isCut) await this.cutOne();
      else if (kills.length < left.kills) await this.killOne();
    }
  }

  /** Waits until all cables are in again, and all workers replaced or awake. */
  async over(): Promise<Strikes> {
    await Promise.all(this.healing);
    return this.strikes;
  }

  private oneAwake(): FleetWorker | undefined {
    const awake = this.fleet.workers().filter((worker) => !this.frozen.has(worker));
    return awake[Math.floor(this.plan.random() * awake.length)];
  }

  private async killOne(): Promise<void> {
    const { random } = this.plan;
    const worker = this.oneAwake();
    if (worker === undefined) return;
    const held = await this.heldBy([worker]);
    const atMs = performance.now();
    await this.fleet.kill(worker);
    this.healing.push(this.record(this.strikes.kills, held, atMs, 0));
    this.healing.push(sleep(random() * 1_500).then(() => this.fleet.add(worker.host)));
  }

  /** Stops a process without ending it, as a machine that is suspended does: its connections stay. */
  private async freezeOne(): Promise<void> {
    const { random } = this.plan;
    const worker = this.oneAwake();
    if (worker === undefined) return;
    this.frozen.add(worker);
    worker.run.kill('SIGSTOP');
    const atMs = performance.now();
    const held = await this.heldBy([worker]);
    // every second one for longer than the server waits for a transaction that does nothing
    const seconds = this.strikes.freezes.length % 2 === 0 ? 62 + random() * 13 : 0.5 + random() * 20;
    this.healing.push(this.record(this.strikes.freezes, held, atMs, seconds));
    this.healing.push(
      sleep(seconds * 1_000).then(() => {
        worker.run.kill('SIGCONT');
        this.frozen.delete(worker);
      }),
    );
  }

  private async cutOne(): Promise<void> {
    const { random } = this.plan;
    const whole = this.hosts.filter((host) => !this.cut.has(host));
    const host = whole[Math.floor(random() * whole.length)] as NetworkHost;
    const held = await this.heldBy(this.fleet.workers().filter(({ host: at }) => at.through === host.through));
    const seconds = 0.5 + random() ** 2 * 19.5;
    const atMs = performance.now();
    this.cut.add(host);
    await host.cut();
    this.healing.push(this.record(this.strikes.cuts, held, atMs, seconds));
    this.healing.push(
      sleep(seconds * 1_000).then(async () => {
        await host.mend();
        this.cut.delete(host);
      }),
    );
  }

  /** What some workers are at work on, as the server sees it: `bars 825`. */
  private async heldBy(struck: readonly FleetWorker[]): Promise<string[]> {
    const pids = new Set(struck.map(({ run }) => run.pid));
    const { workers } = await this.place.inspect(readQueueStatus);
    return workers.filter(({ pid }) => pids.has(pid)).flatMap(({ items }) => items);
  }

  private async record(strikes: Hit[], held: readonly string[], atMs: number, seconds: number): Promise<void> {
    const at = strikes.push({ held: held.length, takenOverAfterS: [], seconds }) - 1;
    await this.caller.ended;
    const after = held.flatMap((item) => this.heard.find((line) => line.item === item && line.atMs > atMs) ?? []);
    const takenOverAfterS = after.map((line) => (line.atMs - atMs) / 1_000);
    strikes[at] = { held: held.length, takenOverAfterS, seconds };
  }

  /** Notes when the caller said that an item goes to another worker. */
  private async listen(): Promise<void> {
    let known = 0;
    while (!this.isOver) {
      const said = [...this.caller.output().matchAll(/id (\d+): the worker that worked on its (\w+) is gone/g)];
      for (const [, id, component] of said.slice(known)) {
        this.heard.push({ atMs: performance.now(), item: `${component} ${id}` });
      }
      known = said.length;
      await sleep(50);
    }
  }
}
