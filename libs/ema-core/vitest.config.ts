import { projectTests } from '../../vitest.shared.ts';

export default projectTests('ema-core', import.meta.dirname);
