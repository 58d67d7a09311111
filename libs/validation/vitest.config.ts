import { projectTests } from '../../vitest.shared.ts';

export default projectTests('validation', import.meta.dirname);
