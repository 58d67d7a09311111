import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAnswersUnderWay, type UnderWay } from './answers-under-way.ts';
import { sharing } from './shared-answers.ts';

/** What sends an answer, until it is closed. */
const outgoing = () => Object.assign(new EventEmitter(), { destroyed: false }) as unknown as ServerResponse;

describe('bytes of answers that are not sent yet', () => {
  it('count once where several send the same, and until the last of them is through', () => {
    const underWay = createAnswersUnderWay();
    const [mine, other] = [new Uint8Array(6 << 20), new Uint8Array(6 << 20)];
    const senders = [outgoing(), outgoing(), outgoing()];
    const [first, second, third] = senders.map((sender) => underWay.begin(sender) as UnderWay);
    expect([first?.reserve(mine), second?.reserve(mine), third?.reserve(other)]).toEqual([true, true, false]);
    senders[0]?.emit('close');
    expect(third?.reserve(other)).toBe(false);
    senders[1]?.emit('close');
    expect(third?.reserve(other)).toBe(true);
    senders[2]?.emit('close');
  });
});

describe('an answer that nobody reads', () => {
  afterEach(() => void vi.useRealTimers());

  it('is cut after 30 seconds and leaves its place; one that was sent in time is left alone', () => {
    vi.useFakeTimers();
    const underWay = createAnswersUnderWay();
    const senders = Array.from({ length: 16 }, () => {
      const sender = outgoing();
      return Object.assign(sender, { destroy: vi.fn(() => sender.emit('close')) });
    });
    for (const sender of senders) underWay.begin(sender)?.done();
    senders[0]?.emit('close');
    expect([underWay.begin(undefined), underWay.begin(undefined)]).toEqual([expect.anything(), null]);
    vi.advanceTimersByTime(29_999);
    expect(senders.map(({ destroy }) => destroy.mock.calls.length)).toEqual(senders.map(() => 0));
    vi.advanceTimersByTime(1);
    expect(senders.map(({ destroy }) => destroy.mock.calls.length)).toEqual([0, ...senders.slice(1).map(() => 1)]);
    expect(underWay.begin(undefined)).not.toBe(null);
  });
});

describe('equal requests', () => {
  it('are answered by one answer while it is being made, and by a new one afterwards', async () => {
    const shared = sharing<object>();
    let made = 0;
    const make = async () => ((made += 1), Promise.resolve({ made }));
    const [a, b, other] = await Promise.all([shared('x', make), shared('x', make), shared('y', make)]);
    expect([a === b, a === other, made]).toEqual([true, false, 2]);
    expect(await shared('x', make)).toEqual({ made: 3 });
  });

  it('fail together, and are tried again', async () => {
    const shared = sharing<number>();
    const fail = () => Promise.reject(new Error('no'));
    const both = await Promise.allSettled([shared('x', fail), shared('x', fail)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await shared('x', () => Promise.resolve(1))).toBe(1);
  });
});
