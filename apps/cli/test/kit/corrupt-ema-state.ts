import { decodeVariantState, encodeVariantState } from '@ta/ema-core/engine';
import { readEmaStates, writeEmaStates } from '@ta/state-store';
import type { World } from './world.ts';

/**
 * Makes all values that the next row of the v2 EMAs is computed from ten times too high. An EMA never leaves the range of the
 * prices that it is made of, so nothing but a corrupt state takes one out of its bounds.
 */
export async function corruptV2States(world: World, id: number): Promise<void> {
  await world.use(async (session) => {
    const states = (await readEmaStates(session, id)).get('multi_tf_v2') ?? [];
    const corrupt = states.map((state) => {
      const spec = { variant: 'v2' as const, periods: [...state.periods], tfDays: Number(/^\d+/.exec(state.tf)?.[0]) };
      const numbers = decodeVariantState(spec, state.resume);
      numbers.numbers.forEach((value, i, all) => (all[i] = value * 10));
      return { ...state, resume: encodeVariantState(numbers) };
    });
    await writeEmaStates(session, id, new Map([['multi_tf_v2', corrupt]]));
  });
}
