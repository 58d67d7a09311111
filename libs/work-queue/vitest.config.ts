import { projectTests } from '../../vitest.shared.ts';

export default projectTests('work-queue', import.meta.dirname);
