import { projectTests } from '../../vitest.shared.ts';

export default projectTests('table-export', import.meta.dirname);
