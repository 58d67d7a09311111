export { assertQueue, installQueue } from './boss.ts';
export { QueueError, type QueueErrorCode } from './errors.ts';
