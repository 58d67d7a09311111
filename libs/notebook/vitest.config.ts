import { projectTests } from '../../vitest.shared.ts';

export default projectTests('notebook', import.meta.dirname);
