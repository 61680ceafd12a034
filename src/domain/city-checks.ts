import type { Calendar, DeadlineProfile, DeadlinesCatalogue, Department, Item, Town } from './config-files.ts';
import { checkItems, type CatalogueFault } from './items.ts';

/** What must be true of departments, towns, the calendar and deadline profiles, each with a JSON pointer into its list. Pure. */

type Severity = CatalogueFault['severity'];
interface Faults {
  readonly list: CatalogueFault[];
  add(pointer: string, subject: string, message: string, text: string, severity?: Severity): void;
}

function collect(): Faults {
  const list: CatalogueFault[] = [];
  return { list, add: (pointer, subject, message, text, severity = 'error') => void list.push({ pointer, subject, message, text, severity }) };
}

/** Tells of the second one and all after it. */
function checkTwice<Thing>(faults: Faults, things: readonly Thing[], list: string, field: string, subjectOf: (thing: Thing) => string, valueOf: (thing: Thing) => string, label: string, severity: Severity = 'error'): void {
  const seen = new Set<string>();
  things.forEach((thing, index) => {
    const value = valueOf(thing);
    if (seen.has(value)) faults.add(`/${list}/${index}/${field}`, subjectOf(thing), `${field} ${value} stands twice`, `${label}“${value}”重复`, severity);
    seen.add(value);
  });
}

const blank = (text: string): boolean => text.trim() === '';

/** Ids and names are unique; another name that two departments have tells neither of them (warning). */
export function checkDepartments(departments: readonly Department[]): CatalogueFault[] {
  const faults = collect();
  const idOf = ({ id }: Department): string => id;
  checkTwice(faults, departments, 'departments', 'id', idOf, idOf, '编号');
  checkTwice(faults, departments, 'departments', 'name', idOf, ({ name }) => name, '名称');
  checkTwice(faults, departments, 'departments', 'short', idOf, ({ short }) => short, '简称');
  const names = new Map<string, string>();
  departments.forEach(({ id, name, short, aliases = [] }, index) => {
    for (const [field, value] of [['name', name], ['short', short]] as const) if (blank(value)) faults.add(`/departments/${index}/${field}`, id, `department ${id}: ${field} is empty`, `${id}：${field === 'name' ? '名称' : '简称'}没有填`);
    aliases.forEach((alias, place) => {
      const other = names.get(alias);
      if (other !== undefined && other !== id) faults.add(`/departments/${index}/aliases/${place}`, id, `${alias} is a name of ${other} too`, `别名“${alias}”与 ${other} 重复，说这个名字认不出是哪家`, 'warning');
      names.set(alias, id);
    });
  });
  if (departments.length === 0) faults.add('/departments', '', 'there is no department', '一个承办单位也没有');
  return faults.list;
}

/** Ids, codes and names are unique. */
export function checkTowns(towns: readonly Town[]): CatalogueFault[] {
  const faults = collect();
  const idOf = ({ id }: Town): string => id;
  checkTwice(faults, towns, 'towns', 'id', idOf, idOf, '编号');
  checkTwice(faults, towns, 'towns', 'code', idOf, ({ code }) => code, '区划代码');
  checkTwice(faults, towns, 'towns', 'name', idOf, ({ name }) => name, '名称');
  checkTwice(faults, towns, 'towns', 'short', idOf, ({ short }) => short, '简称', 'warning');
  towns.forEach(({ id, name, short }, index) => {
    for (const [field, value] of [['name', name], ['short', short]] as const) if (blank(value)) faults.add(`/towns/${index}/${field}`, id, `town ${id}: ${field} is empty`, `${id}：${field === 'name' ? '名称' : '简称'}没有填`);
  });
  if (towns.length === 0) faults.add('/towns', '', 'there is no town', '一个镇街也没有');
  return faults.list;
}

const CLOCK = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;
const HOURS = { officeHours: '办公时间', seatHours: '坐席时间' } as const;

/**
 * Hours that the legal clock can count (HH:MM, forwards, apart from each other; without any, no deadline would ever come), days that are days of
 * their year, and no day that is both off and worked. What the weekend says already is a warning.
 * @param year the one that runs, Beijing time: it must be there, and the next one should; absent: not looked at
 */
export function checkCalendar(calendar: Calendar, year?: number): CatalogueFault[] {
  const faults = collect();
  for (const name of ['officeHours', 'seatHours'] as const) {
    const label = HOURS[name];
    if (calendar[name].length === 0) faults.add(`/${name}`, name, `${name} is empty`, `${label}一段也没有`);
    let last = '';
    calendar[name].forEach(({ from, to }, index) => {
      const at = `/${name}/${index}`;
      if (!CLOCK.test(from) || !CLOCK.test(to)) faults.add(at, name, `${name}: a time of day must be HH:MM, 00:00 to 24:00`, `${label}要写成 08:30 这样，从 00:00 到 24:00`);
      else if (from >= to) faults.add(at, name, `${name}: ${from} is not before ${to}`, `${label}：${from} 不早于 ${to}`);
      else if (from < last) faults.add(at, name, `${name}: ${from} lies before the end of the hours above it`, `${label}：${from} 早于上一段的结束`);
      last = to;
    });
  }
  const years = new Set<number>();
  calendar.years.forEach((one, index) => {
    const subject = String(one.year);
    if (years.has(one.year)) faults.add(`/years/${index}/year`, subject, `year ${one.year} stands twice`, `${one.year} 年重复`);
    years.add(one.year);
    for (const name of ['holidays', 'makeUpWorkdays'] as const) {
      const seen = new Set<string>();
      one[name].forEach((day, place) => {
        const at = `/years/${index}/${name}/${place}`;
        const weekday = weekdayOf(day);
        if (weekday === null) faults.add(at, day, `${day} is not a day`, `${day} 不是日期`);
        else if (!day.startsWith(`${one.year}-`)) faults.add(at, day, `${day} is not in ${one.year}`, `${day} 不在 ${one.year} 年`);
        else if (seen.has(day)) faults.add(at, day, `${day} stands twice`, `${day} 重复`);
        else if (name === 'makeUpWorkdays' && one.holidays.includes(day)) faults.add(at, day, `${day} is both a holiday and a workday`, `${day} 又放假又上班`);
        else if (name === 'holidays' && weekday > 5) faults.add(at, day, `${day} is a weekend anyway`, `${day} 本来就是周末，不必列为放假`, 'warning');
        else if (name === 'makeUpWorkdays' && weekday <= 5) faults.add(at, day, `${day} is a workday anyway`, `${day} 本来就是工作日，不必列为调休上班`, 'warning');
        seen.add(day);
      });
    }
  });
  if (year === undefined) return faults.list;
  const now = calendar.years.find((one) => one.year === year);
  if (now === undefined) faults.add('/years', String(year), `year ${year} is missing`, `没有 ${year} 年的安排，时限会按普通周末计算`);
  else if (now.provisional) faults.add(`/years/${calendar.years.indexOf(now)}/provisional`, String(year), `year ${year} is provisional`, `${year} 年还是推算的，请按国务院办公厅的通知改定`, 'warning');
  if (!years.has(year + 1)) faults.add('/years', String(year + 1), `year ${year + 1} is missing`, `没有 ${year + 1} 年的安排，跨年的时限会按普通周末计算`, 'warning');
  return faults.list;
}

/** 1 Monday … 7 Sunday; null: not a day. */
function weekdayOf(day: string): number | null {
  const date = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== day ? null : date.getUTCDay() || 7;
}

const STAGES: readonly string[] = ['accept', 'sign', 'contact', 'handle', 'return', 'judge'];

/** The profiles that are in force are there, each has a rule for what has no item, and for every class that the items in force name. */
export function checkDeadlines({ active, enterprise, profiles }: DeadlinesCatalogue, items: readonly Item[]): CatalogueFault[] {
  const faults = collect();
  const idOf = ({ id }: DeadlineProfile): string => id;
  checkTwice(faults, profiles, 'profiles', 'id', idOf, idOf, '编号');
  const inForce = [['active', active, '在用方案'] as const, ...(enterprise === undefined || enterprise === active ? [] : [['enterprise', enterprise, '企业直通车方案'] as const])];
  for (const [field, wanted, label] of inForce) {
    const profile = profiles.find(({ id }) => id === wanted);
    if (profile === undefined) faults.add(`/${field}`, wanted, `${field} profile ${wanted} is not among the profiles`, `${label} ${wanted} 不在方案里`);
    else {
      const missing = new Map<string, string>();
      for (const { pointer, subject } of checkItems({ items }, { departments: [], profile })) if (pointer.endsWith('/deadlineClass')) missing.set(items.find(({ code }) => code === subject)?.deadlineClass ?? '', subject);
      for (const [name, code] of missing) faults.add(`/profiles/${profiles.indexOf(profile)}/stages/handle`, profile.id, `profile ${profile.id} has no class ${name}, which item ${code} names`, `${profile.name}没有类别 ${name}，而事项 ${code} 等要用`);
    }
  }
  profiles.forEach(({ id, name, stages, warnings = {} }, index) => {
    const at = `/profiles/${index}`;
    // What has no item, or an item that is gone, is dispatched with the clock of `general`.
    if (!Object.hasOwn(stages.handle, 'general') && !Object.hasOwn(stages.handle, 'default')) faults.add(`${at}/stages/handle`, id, `profile ${id} has no class general`, `${name}没有类别 general，没有事项的工单就没有办理时限`);
    for (const stage of Object.keys(warnings)) {
      if (!STAGES.includes(stage)) faults.add(`${at}/warnings/${stage}`, id, `profile ${id}: there is no stage ${stage}`, `${name}：没有环节 ${stage}，这条提醒不起作用`, 'warning');
    }
  });
  return faults.list;
}
