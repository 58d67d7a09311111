import { projectTests } from '../../vitest.shared.ts';

export default projectTests('pipeline', import.meta.dirname);
