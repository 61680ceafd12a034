import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const shared: UserConfig = {
  root: here('.'),
  publicDir: false,
  // No comments and no licence banners that would reach over the size budget; licences are in the package list.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
};

/**
 * Two builds of one house, because the widget must be one classic script that any page can load:
 * mode `widget` writes `dist/web/widget.js`; every other mode writes the pages (`index.html`, `desk/index.html`, `board/index.html`).
 * All hashed assets live under `/desk/assets/`, so that the server may cache one prefix for ever.
 */
export default defineConfig(({ mode }): UserConfig =>
  mode === 'widget'
    ? {
        ...shared,
        build: {
          outDir: here('../../dist/web'),
          emptyOutDir: false,
          target: 'es2022',
          copyPublicDir: false,
          lib: { entry: here('widget/main.ts'), formats: ['iife'], name: 'YihuWidget', fileName: () => 'widget.js' },
        },
      }
    : {
        ...shared,
        base: '/',
        build: {
          outDir: here('../../dist/web'),
          emptyOutDir: true,
          target: 'es2022',
          assetsDir: 'desk/assets',
          // Inlined data: URLs would need a wider img-src/font-src in the Content-Security-Policy.
          assetsInlineLimit: 0,
          modulePreload: { polyfill: false },
          // The data wall brings ECharts (550 KB, 185 KB packed) and is opened on a few screens.
          chunkSizeWarningLimit: 600,
          rolldownOptions: { input: { index: here('index.html'), desk: here('desk/index.html'), board: here('board/index.html') } },
        },
      },
);
