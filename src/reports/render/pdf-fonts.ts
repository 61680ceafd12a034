import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Noto Sans Hans of @embedpdf/fonts-sc (OFL 1.1), found beside the package's entry: it exports its code only, not its files. */
export async function readFonts(): Promise<{ readonly regular: Buffer; readonly bold: Buffer }> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')), '..', 'fonts');
  const [regular, bold] = await Promise.all([readFile(join(folder, 'NotoSansHans-Regular.otf')), readFile(join(folder, 'NotoSansHans-Bold.otf'))]);
  return { regular, bold };
}
