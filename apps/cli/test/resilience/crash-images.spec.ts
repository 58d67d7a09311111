import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { cutImages, recordWork, type WorkRecord } from './rig/crash/crash-images.ts';

const { seed = 0 } = fc.readConfigureGlobal();

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

describe('an embedded database after a power cut', () => {
  let record: WorkRecord;
  beforeAll(async () => {
    record = await recordWork(10, seed, true);
  });

  it('opens with everything that was reported as committed, wherever the cut was', async () => {
    const figures = await cutImages(record, { images: 2, seed });
    expect(figures.faults).toEqual([]);
    expect([figures.images, figures.commits]).toEqual([2, 11]);
  });

  it('would not on a disk that does nothing it is asked for: the images show what is lost', async () => {
    const figures = await cutImages(record, { images: 5, seed, isDeaf: true, untilFault: true });
    expect(figures.faults).not.toEqual([]);
  });
});
