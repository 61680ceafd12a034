import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate --config src/store/drizzle.sqlite.config.ts --name <what-changes>` from the project's root. */
export default defineConfig({ dialect: 'sqlite', schema: './src/store/schema.sqlite.ts', out: './src/store/migrations/sqlite' });
