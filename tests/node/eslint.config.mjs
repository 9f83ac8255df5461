// The linter's rules for one TypeScript module in the working directory, wherever that is.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'eslint/config';
import { configs } from 'typescript-eslint';

export default defineConfig({
  files: ['**/*.ts'],
  extends: [configs.strictTypeChecked, configs.stylisticTypeChecked],
  languageOptions: {
    parserOptions: {
      // The module belongs to no project of its own, so it gets the compiler options of the tests.
      projectService: {
        allowDefaultProject: ['*.ts'],
        defaultProject: fileURLToPath(new URL('tsconfig.json', import.meta.url)),
      },
      tsconfigRootDir: process.cwd(),
    },
  },
  linterOptions: { reportUnusedDisableDirectives: 'error' },
});
