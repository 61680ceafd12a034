import type { DeadlineProfile, Department, Item, ItemGroup } from './config-files.ts';

/** The item tree: which code stands above which, and what must be true of a catalogue. Pure. */

type TreeLike = { readonly items: readonly Item[]; readonly groups?: readonly ItemGroup[] | undefined };
type Node = Pick<ItemGroup, 'code' | 'parent'>;

/** Nodes by code; made once for a list of items, as every ticket asks. */
const nodesOf = new WeakMap<readonly Item[], { readonly groups: readonly ItemGroup[] | undefined; readonly nodes: ReadonlyMap<string, Node> }>();

function nodes({ items, groups }: TreeLike): ReadonlyMap<string, Node> {
  const known = nodesOf.get(items);
  if (known !== undefined && known.groups === groups) return known.nodes;
  const made = new Map<string, Node>([...(groups ?? []), ...items].map((node) => [node.code, node]));
  nodesOf.set(items, { groups, nodes: made });
  return made;
}

/**
 * A code and everything above it, the code first: by `parent`, and by the dots (`env.noise` above `env.noise.construction`,
 * whether the tree has it or not). Codes of a cycle come once.
 */
export function pathOf(tree: TreeLike, code: string): readonly string[] {
  const known = nodes(tree);
  const path: string[] = [];
  const wait = [code];
  for (let next = wait.shift(); next !== undefined; next = wait.shift()) {
    if (path.includes(next)) continue;
    path.push(next);
    const parent = known.get(next)?.parent;
    if (parent !== undefined) wait.push(parent);
    const dot = next.lastIndexOf('.');
    if (dot > 0) wait.push(next.slice(0, dot));
  }
  return path;
}

/** How deep a code stands: 1 at the top. Only what the tree has counts. */
export function levelOf(tree: TreeLike, code: string): number {
  const known = nodes(tree);
  return pathOf(tree, code).filter((above) => known.has(above)).length;
}

/** What is wrong with a catalogue, with a JSON pointer into it. `warning`: it may be published. */
export interface CatalogueFault {
  readonly pointer: string;
  readonly message: string;
  /** The same for the people of the desk. */
  readonly text: string;
  readonly severity: 'error' | 'warning';
  /** Code of the item or group, id of the rule. */
  readonly subject: string;
}

/**
 * Checks within the catalogue and against the city: departments, classes of deadlines, the tree. Codes that stand
 * twice: `checkCodes`.
 */
export function checkItems(catalogue: TreeLike, city: { readonly departments: readonly Pick<Department, 'id'>[]; readonly profile: Pick<DeadlineProfile, 'id' | 'stages'> | undefined }): CatalogueFault[] {
  const faults: CatalogueFault[] = [];
  const fault = (pointer: string, subject: string, message: string, text: string, severity: CatalogueFault['severity'] = 'error'): void => void faults.push({ pointer, subject, message, text, severity });
  const departments = new Set(city.departments.map(({ id }) => id));
  const codes = new Set([...catalogue.items.map(({ code }) => code), ...(catalogue.groups ?? []).map(({ code }) => code)]);
  const parents = new Map<string, string | undefined>([...(catalogue.groups ?? []), ...catalogue.items].map(({ code, parent }) => [code, parent]));
  const checkParent = (pointer: string, code: string, parent: string | undefined): void => {
    if (parent === undefined) return;
    if (!codes.has(parent)) fault(`${pointer}/parent`, code, `${code}: unknown parent ${parent}`, `${code}：没有上级 ${parent}`);
    else if (isInCycle(parents, code)) fault(`${pointer}/parent`, code, `${code}: it stands above itself`, `${code}：上级关系成环`);
  };
  catalogue.groups?.forEach((group, index) => checkParent(`/groups/${index}`, group.code, group.parent));
  catalogue.items.forEach((item, index) => {
    const at = `/items/${index}`;
    if (!departments.has(item.department)) fault(`${at}/department`, item.code, `item ${item.code}: unknown department ${item.department}`, `${item.code}：没有承办单位 ${item.department}`);
    item.assist?.forEach((id, place) => {
      if (!departments.has(id)) fault(`${at}/assist/${place}`, item.code, `item ${item.code}: unknown department ${id}`, `${item.code}：没有协办单位 ${id}`);
      else if (id === item.department) fault(`${at}/assist/${place}`, item.code, `item ${item.code}: ${id} leads and cannot assist`, `${item.code}：${id} 是主办单位，不能又是协办`);
    });
    const { profile } = city;
    if (profile !== undefined && !Object.hasOwn(profile.stages.handle, item.deadlineClass) && !Object.hasOwn(profile.stages.handle, 'default')) fault(`${at}/deadlineClass`, item.code, `item ${item.code}: profile ${profile.id} has no class ${item.deadlineClass}`, `${item.code}：时限方案 ${profile.id} 没有类别 ${item.deadlineClass}`);
    if (item.keywords.length === 0 && item.examples.length === 0) fault(`${at}/keywords`, item.code, `item ${item.code}: without keywords and examples it is never suggested`, `${item.code}：没有关键词和例句，系统不会推荐它`, 'warning');
    checkParent(at, item.code, item.parent);
  });
  if (catalogue.items.length === 0) fault('/items', '', 'there is no item', '一个事项也没有');
  return faults;
}

/** Codes that stand twice, groups and items together. */
export function checkCodes(catalogue: TreeLike): CatalogueFault[] {
  const seen = new Set<string>();
  const twice = (code: string, pointer: string): CatalogueFault[] => {
    if (seen.has(code)) return [{ pointer, subject: code, message: `${code} stands twice`, text: `${code}：编码重复`, severity: 'error' }];
    seen.add(code);
    return [];
  };
  return [...(catalogue.groups ?? []).flatMap(({ code }, index) => twice(code, `/groups/${index}/code`)), ...catalogue.items.flatMap(({ code }, index) => twice(code, `/items/${index}/code`))];
}

function isInCycle(parents: ReadonlyMap<string, string | undefined>, code: string): boolean {
  const seen = new Set<string>();
  for (let above = parents.get(code); above !== undefined && !seen.has(above); above = parents.get(above)) {
    if (above === code) return true;
    seen.add(above);
  }
  return false;
}
