import { projectTests } from '../../vitest.shared.ts';

export default projectTests('state-store', import.meta.dirname);
