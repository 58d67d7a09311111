export { assertMayWork, installQueue } from './boss.ts';
export { cancelRun, pauseQueue, readQueueStatus, resumeQueue, type QueueStatus } from './control.ts';
export { QueueError } from './errors.ts';
export { queueExecutor, type DistributionOptions } from './queue-executor.ts';
export { runWorker, type WorkerOptions } from './worker.ts';
export { connectionName } from './worker-presence.ts';
