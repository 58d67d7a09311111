import { projectTests } from '../../vitest.shared.ts';

export default projectTests('cli-kit', import.meta.dirname);
