import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * jieba's own dictionary, as its package brings it: the one read in this room, and no different from an import. The package's dict.js
 * would read the weights for keywords as well and keep both in memory for good, eleven megabytes that nobody looks at again.
 */
export function readDictionary(): Buffer {
  return readFileSync(createRequire(import.meta.url).resolve('@node-rs/jieba/dict.txt'));
}
