import { useMemo } from 'preact/hooks';
import type { Department, Item, ItemGroup, Town } from '../../../../../domain/config-files.ts';
import { useDesk } from '../../../ui/context.ts';
import { useLoaded } from '../../../ui/use-loaded.ts';

/** What rules speak of, as it is in force. */
export interface City {
  readonly items: readonly Item[];
  readonly itemGroups: readonly ItemGroup[];
  readonly departments: readonly Department[];
  readonly towns: readonly Town[];
}

/** Null while it is read. */
export function useCity(): City | null {
  const desk = useDesk();
  const loaded = useLoaded(async () => {
    const inForce = async <Kind extends 'items' | 'departments' | 'towns'>(kind: Kind) => desk.api.rules.version(kind, (await desk.api.rules.versions(kind)).find(({ state }) => state === 'published')?.version ?? 0);
    const [items, departments, towns] = await Promise.all([inForce('items'), inForce('departments'), inForce('towns')]);
    return { items: items.body.items, itemGroups: items.body.groups ?? [], departments: departments.body.departments, towns: towns.body.towns };
  }, 'city');
  return useMemo(() => loaded.value, [loaded.value]);
}
