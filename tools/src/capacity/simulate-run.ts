/** What one asset costs in a run, seconds. */
export interface Work {
  /** CPU seconds of a Node process, which works on one thing at a time. */
  readonly nodeSeconds: number;
  /** CPU seconds of the database server. */
  readonly serverSeconds: number;
  /** Seconds of waiting (for the disk, the network) that occupy no processor. */
  readonly idleSeconds: number;
  /** CPU seconds of the server in front of those that hold the rows, if there is one. */
  readonly coordinatorSeconds?: number;
}

/** Where a run happens. */
export interface Deployment {
  readonly processes: number;
  /** Assets that one process works on at the same time (`--concurrency`). */
  readonly concurrency: number;
  /** Processors of each database server. */
  readonly serverCores: number;
  /** Servers that share the assets, by shards of about the same number of assets; 1 if not given. */
  readonly servers?: number;
  /** Shards of all servers together; one per server if not given. */
  readonly shards?: number;
  /** Whether the processes run on the server's processors; otherwise each has a processor of its own. */
  readonly isShared: boolean;
}

/** How a simulated run went. */
export interface SimulatedRun {
  readonly seconds: number;
  /** Shares of the time in which the processors of the servers and of the coordinator were busy. */
  readonly serverBusy: number;
  readonly coordinatorBusy: number;
}

/** How many times an asset goes from process to server and back. */
const TURNS = 6;
/** The most assets that are simulated; the seconds of a larger run are extrapolated from them. */
const MOST_SIMULATED = 2_000;

/**
 * Simulates a run, event by event: every process takes the next asset when it has a free place. An asset alternates between its
 * process, the server and waiting, and queues wherever all places are taken, first come first served. Locks and the limits of
 * the disk are not simulated, so the result shows what the processors allow. The costs of assets vary by up to a third around
 * their mean, in the same way in every run.
 */
export function simulateRun(assets: number, work: Work, deployment: Deployment): SimulatedRun {
  const count = Math.min(assets, MOST_SIMULATED);
  const { processes, concurrency, serverCores, isShared, servers = 1, shards = servers } = deployment;
  const { coordinatorSeconds = 0 } = work;
  const clock = new EventClock();
  const holders = Array.from({ length: servers }, () => new Queue(clock, serverCores));
  const coordinator = new Queue(clock, serverCores);
  const own = Array.from({ length: processes }, () => new Queue(clock, 1));
  let next = 0;
  let serverSeconds = 0;
  let spentByCoordinator = 0;

  const start = (process: number): void => {
    if (next >= count) return;
    const server = holders[shardOf(next, shards) % servers] as Queue;
    const factor = 2 / 3 + (2 / 3) * fraction(next++);
    let turn = 0;
    const takeTurn = (): void => {
      if (turn++ === TURNS) return start(process);
      const part = (seconds: number): number => (seconds * factor) / TURNS;
      (own[process] as Queue).use((release) => {
        const stored = () =>
          server.use((leave) => {
            serverSeconds += part(work.serverSeconds);
            clock.after(part(work.serverSeconds), () => {
              leave();
              clock.after(part(work.idleSeconds), takeTurn);
            });
          });
        const computed = () => {
          release();
          if (coordinatorSeconds === 0) return stored();
          coordinator.use((leave) => {
            spentByCoordinator += part(coordinatorSeconds);
            clock.after(part(coordinatorSeconds), () => {
              leave();
              stored();
            });
          });
        };
        if (!isShared) return clock.after(part(work.nodeSeconds), computed);
        server.use((leave) => {
          serverSeconds += part(work.nodeSeconds);
          clock.after(part(work.nodeSeconds), () => {
            leave();
            computed();
          });
        });
      });
    };
    takeTurn();
  };
  for (let place = 0; place < concurrency; place++)
    for (let process = 0; process < processes; process++) start(process);
  const seconds = clock.run();
  return {
    seconds: (seconds * assets) / count,
    serverBusy: serverSeconds / (seconds * serverCores * servers),
    coordinatorBusy: spentByCoordinator / (seconds * serverCores),
  };
}

/**
 * The seconds of waiting per asset with which a simulated run takes as long as a measured one.
 * @throws Error when even without waiting it takes over 1.25 times as long: the measurement was not of this deployment
 */
export function fitIdleSeconds(
  measuredSeconds: number,
  assets: number,
  work: Omit<Work, 'idleSeconds'>,
  deployment: Deployment,
): number {
  const secondsWith = (idleSeconds: number) => simulateRun(assets, { ...work, idleSeconds }, deployment).seconds;
  if (secondsWith(0) > measuredSeconds * 1.25) throw new Error('The processors alone need longer than was measured.');
  let [low, high] = [0, (measuredSeconds * deployment.concurrency * deployment.processes) / assets];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (secondsWith(middle) < measuredSeconds) low = middle;
    else high = middle;
  }
  return low;
}

/** A number in [0, 1) that differs from asset to asset, but not from run to run: multiples of the golden ratio. */
function fraction(index: number): number {
  return (index * 0.618_033_988_749_895) % 1;
}

/** The shard of an asset, by a hash that is the same in every run. */
export function shardOf(asset: number, shards: number): number {
  let hash = Math.imul(asset + 1, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % shards;
}

/** Runs events in the order of their time; events of one instant run in the order in which they were planned. */
class EventClock {
  private now = 0;
  /** Planned events, the latest first, so that the next one is the last element. */
  private readonly planned: { readonly at: number; readonly happen: () => void }[] = [];

  after(seconds: number, happen: () => void): void {
    const at = this.now + seconds;
    let [low, high] = [0, this.planned.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.planned[middle].at > at) low = middle + 1;
      else high = middle;
    }
    this.planned.splice(low, 0, { at, happen });
  }

  /** Runs all events and returns the time of the last one. */
  run(): number {
    for (let event = this.planned.pop(); event !== undefined; event = this.planned.pop()) {
      this.now = event.at;
      event.happen();
    }
    return this.now;
  }
}

/** A number of places; work that finds no free place waits in line. */
class Queue {
  private readonly clock: EventClock;
  private readonly waiting: ((release: () => void) => void)[] = [];
  private served = 0;
  private free: number;

  constructor(clock: EventClock, places: number) {
    this.clock = clock;
    this.free = places;
  }

  use(work: (release: () => void) => void): void {
    if (this.free === 0) {
      this.waiting.push(work);
      return;
    }
    this.free--;
    work(() => this.leave());
  }

  private leave(): void {
    const next = this.waiting[this.served];
    if (next === undefined) {
      this.free++;
      return;
    }
    this.served++;
    // at the same instant, but after the step that is just ending
    this.clock.after(0, () => next(() => this.leave()));
  }
}
