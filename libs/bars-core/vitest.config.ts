import { projectTests } from '../../vitest.shared.ts';

export default projectTests('bars-core', import.meta.dirname);
