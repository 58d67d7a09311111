export { assertQueue, installQueue } from './boss.ts';
export { cancelRun, pauseQueue, readQueueStatus, resumeQueue, type QueueStatus } from './control.ts';
export { QueueError, type QueueErrorCode } from './errors.ts';
export { queueExecutor, type DistributionOptions } from './queue-executor.ts';
export { runWorker, type WorkerObserver, type WorkerOptions } from './worker.ts';
export { connectionName, type PresentWorker, type WorkerName } from './worker-presence.ts';
