import { CodedError } from '@ta/state-store';

/** The codes of {@link QueueError}. They are public: applications match on them, never on message text. */
export type QueueErrorCode =
  | 'QUEUE_NOT_INSTALLED' // the database has no queue, and this role may not make it
  | 'QUEUE_RIGHTS' // this role may not take items from the queue
  | 'QUEUE_SCHEMA' // the queue was made by another version of its engine
  | 'QUEUE_ITEM_LOST' // every worker that took an item was lost while it was at work on it, or had no connection for it
  | 'QUEUE_ANSWER'; // this version cannot read the answer to an item in the queue

/** The error class of this library. */
export class QueueError extends CodedError<QueueErrorCode> {
  override readonly name = 'QueueError';
}
