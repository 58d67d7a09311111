import { projectTests } from '../../vitest.shared.ts';

export default projectTests('alerts', import.meta.dirname);
