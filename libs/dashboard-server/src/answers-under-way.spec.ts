import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
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
