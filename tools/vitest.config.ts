import { projectTests } from '../vitest.shared.ts';

export default projectTests('tools', import.meta.dirname);
