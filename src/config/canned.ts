import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { faultsError, readYaml } from './files.ts';

const Answer = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9-]{2,60}$' }),
    folder: Type.String({ minLength: 1, maxLength: 40 }),
    title: Type.String({ minLength: 1, maxLength: 60 }),
    shortcut: Type.Optional(Type.String({ pattern: '^[a-z0-9]{1,12}$' })),
    text: Type.String({ minLength: 1, maxLength: 2000 }),
    en: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })),
  },
  { additionalProperties: false },
);
const CannedFile = Type.Object({ answers: Type.Array(Answer) }, { additionalProperties: false });
export type FirstCanned = Static<typeof Answer>;

/**
 * The answers that a new house begins with (config/canned.yaml). They go into the store once; from then on the desk's page is
 * where they are edited.
 * @throws AppError `config.invalid` with file, line and column of every fault
 */
export function loadCanned(root: string): readonly FirstCanned[] {
  const file = readYaml(root, join(root, 'config', 'canned.yaml'), CannedFile);
  if (file.value === null) throw faultsError(file.faults);
  const seen = new Set<string>();
  const twice = file.value.answers.flatMap(({ id, shortcut }, at) => {
    const faults = [];
    for (const [name, value] of [['id', id], ['shortcut', shortcut]] as const) {
      if (value === undefined) continue;
      if (seen.has(`${name}:${value}`)) faults.push(file.fault(`/answers/${at}/${name}`, `${name} ${value} stands twice`));
      seen.add(`${name}:${value}`);
    }
    return faults;
  });
  if (twice.length > 0) throw faultsError(twice);
  return file.value.answers;
}
