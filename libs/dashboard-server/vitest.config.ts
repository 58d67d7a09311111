import { projectTests } from '../../vitest.shared.ts';

export default projectTests('dashboard-server', import.meta.dirname);
