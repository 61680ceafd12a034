import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { faultsError, readYaml } from './files.ts';

/** config/knowledge-golden.yaml: questions as citizens ask them, written apart from the entries, and which entry answers each. */
export const GoldenFileSchema = Type.Object(
  {
    questions: Type.Array(
      Type.Object(
        {
          q: Type.String({ minLength: 1, maxLength: 500 }),
          /** Id of an entry; null: nothing in the knowledge base answers it, so it must not be answered. */
          entry: Type.Union([Type.String({ minLength: 1 }), Type.Null()]),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type GoldenQuestions = Static<typeof GoldenFileSchema>['questions'];

/**
 * The evaluation set of a checkout; empty when it has none.
 * @param root folder that holds `config/`
 * @throws AppError `config.invalid` with every fault and its place; a question that stands twice is one
 */
export function loadGolden(root: string): GoldenQuestions {
  const path = join(root, 'config', 'knowledge-golden.yaml');
  if (!existsSync(path)) return [];
  const file = readYaml(root, path, GoldenFileSchema);
  if (file.value === null) throw faultsError(file.faults);
  const seen = new Set<string>();
  const faults = file.value.questions.flatMap(({ q }, index) => {
    const twice = seen.has(q);
    seen.add(q);
    return twice ? [file.fault(`/questions/${index}/q`, `the question “${q}” stands twice`)] : [];
  });
  if (faults.length > 0) throw faultsError(faults);
  return file.value.questions;
}
