import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate --config src/store/drizzle.postgres.config.ts --name <what-changes>` from the project's root. */
export default defineConfig({ dialect: 'postgresql', schema: './src/store/schema.postgres.ts', out: './src/store/migrations/postgres' });
