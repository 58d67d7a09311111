import { projectTests } from '../../vitest.shared.ts';

export default projectTests('dashboard', import.meta.dirname);
