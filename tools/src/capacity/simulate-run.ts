/** What one asset costs in a run, seconds. */
export interface Work {
  /** Of a Node process, which does one thing at a time. */
  readonly nodeSeconds: number;
  /** Of a processor of the database server. */
  readonly serverSeconds: number;
  /** Of waiting that occupies nobody: the disk, the network. */
  readonly idleSeconds: number;
  /** Of a processor of the server in front of those that hold the rows, where there is one. */
  readonly coordinatorSeconds?: number;
}

/** Where a run happens. */
export interface Deployment {
  readonly processes: number;
  /** Assets side by side in one process (`--concurrency`). */
  readonly concurrency: number;
  /** Processors of each database server. */
  readonly serverCores: number;
  /** Servers that share the assets, by shards of about the same number of them; 1 without. */
  readonly servers?: number;
  /** Shards of all servers together; one a server without. */
  readonly shards?: number;
  /** Whether the processes have to share the server's processors; else each has its own. */
  readonly isShared: boolean;
}

/** How a simulated run went. */
export interface SimulatedRun {
  readonly seconds: number;
  /** Share of the time in which the servers' processors were at work, and those of the coordinator. */
  readonly serverBusy: number;
  readonly coordinatorBusy: number;
}

/** In how many turns an asset goes from process to server and back. */
const TURNS = 6;
/** Assets that are simulated; the rest of a larger run goes on as these did. */
const MOST_SIMULATED = 2_000;

/**
 * Plays a run, event by event: every process takes the next asset when it has a place free; an asset alternates between its
 * process, the server and waiting, and queues wherever all places are taken, first come first served. There are no locks and no
 * limit of the disk in it, so it shows what the processors allow. Costs of assets vary by a third around their mean, the same
 * in every run.
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
 * The waiting per asset with which a simulated run takes as long as a measured one.
 * @throws Error when even without waiting it takes longer: the measurement was not of this deployment
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

/** A number in [0, 1) that differs from asset to asset and not from run to run: multiples of the golden ratio. */
function fraction(index: number): number {
  return (index * 0.618_033_988_749_895) % 1;
}

/** Which shard an asset falls into: as even as a hash is, and the same in every run. */
export function shardOf(asset: number, shards: number): number {
  let hash = Math.imul(asset + 1, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % shards;
}

/** Things that happen later, in the order of their time; of one instant, in the order in which they were planned. */
class EventClock {
  private now = 0;
  /** The next one last. */
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

  /** Lets everything happen and returns when the last thing did. */
  run(): number {
    for (let event = this.planned.pop(); event !== undefined; event = this.planned.pop()) {
      this.now = event.at;
      event.happen();
    }
    return this.now;
  }
}

/** Places that are taken for a while; who finds none waits in line. */
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
    // at the same instant, but not inside the step that is just ending
    this.clock.after(0, () => next(() => this.leave()));
  }
}
