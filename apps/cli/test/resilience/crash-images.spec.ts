import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { runCrashImages } from './rig/crash/crash-images.ts';

const { seed = 0 } = fc.readConfigureGlobal();

vi.setConfig({ testTimeout: 600_000 });

describe('an embedded database after a power cut', () => {
  it('opens with everything that was reported as committed, wherever the cut was', async () => {
    const figures = await runCrashImages({ images: 4, steps: 10, seed });
    expect(figures.faults).toEqual([]);
    expect(figures.commits).toBe(11);
  });

  it('would not on a disk that does nothing it is asked for: the images show what is lost', async () => {
    const figures = await runCrashImages({ images: 5, steps: 4, seed, isDeaf: true });
    expect(figures.faults).not.toEqual([]);
  });
});
