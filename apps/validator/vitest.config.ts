import { projectTests } from '../../vitest.shared.ts';

export default projectTests('validator', import.meta.dirname);
