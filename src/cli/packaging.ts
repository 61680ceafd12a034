import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How packages get into the build. Resolving, reading and linking some 1,500 files of packages was a third of a start, so
 * what every start loads is one file. Not put into it: native code, and what only some starts need (servers of other kinds, Excel, traces, the API's pages).
 */
const EXTERNAL = [
  'better-sqlite3', '@node-rs/argon2', '@node-rs/jieba',
  'botbuilder', 'wechaty', 'bullmq', 'ioredis', 'pg', 'exceljs', 'pdfkit', '@embedpdf/fonts-sc', '@fastify/swagger-ui',
  '@opentelemetry/api', '@opentelemetry/exporter-trace-otlp-http', '@opentelemetry/resources', '@opentelemetry/sdk-trace-node',
];

const PACKAGES = 'packages';

/** What the bundler knows of a module. */
interface ModuleInfo {
  readonly isEntry: boolean;
  /** Modules that import it statically. */
  readonly importers: readonly string[];
}

export interface Packaging {
  readonly external: readonly string[];
  /** `packages` for what the entry reaches by static imports and npm brought; null: the bundler's own choice. */
  chunkOf(id: string, infoOf: (id: string) => ModuleInfo | null): string | null;
  /**
   * The packages' chunk as a start likes it: without its map (with `--enable-source-maps` node would read its ten megabytes at every start),
   * and in ASCII (one other character, and V8 keeps two bytes for each of its three million).
   */
  slim(folder: string): void;
}

export function createPackaging(): Packaging {
  const early = new Map<string, boolean>();
  const isEarly = (id: string, infoOf: (id: string) => ModuleInfo | null): boolean => {
    const seen = new Set([id]);
    let found = false;
    // A set is walked in the order of its making, what is added on the way included.
    for (const module of seen) {
      const info = infoOf(module);
      found = info?.isEntry === true || early.get(module) === true;
      if (found) break;
      for (const importer of info?.importers ?? []) if (early.get(importer) !== false) seen.add(importer);
    }
    if (found) early.set(id, true);
    else for (const module of seen) early.set(module, false);
    return found;
  };
  return {
    external: EXTERNAL,
    chunkOf: (id, infoOf) => (id.includes('/node_modules/') && isEarly(id, infoOf) ? PACKAGES : null),
    slim: (folder) => {
      for (const name of readdirSync(folder)) {
        if (!name.startsWith(`${PACKAGES}-`)) continue;
        const path = join(folder, name);
        if (name.endsWith('.map')) rmSync(path);
        else writeFileSync(path, ascii(readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '')));
      }
    },
  };
}

/** The same program: outside of comments, what is not ASCII stands in strings, patterns and names, where an escape means the same. */
function ascii(code: string): string {
  return code.replace(/[^\x00-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
