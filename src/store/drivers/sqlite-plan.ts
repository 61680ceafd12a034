import { Column, getTableName, is, Param, Placeholder, SQL, Subquery } from 'drizzle-orm';
import { type SelectedFieldsOrdered, SQLiteCustomColumn } from 'drizzle-orm/sqlite-core';
import { AppError } from '../../domain/errors.ts';

/**
 * What drizzle decides anew for every value and every row, decided once per statement: where a parameter comes from and
 * how it is encoded, where a column goes and how it is decoded. Same outcome as drizzle's own driver, which
 * test/store/sqlite-session.test.ts compares it with. Decision: docs/adr/0016-own-sqlite-session.md.
 */

export type Values = Readonly<Record<string, unknown>>;
/** A row as better-sqlite3 gives it in raw mode. */
export type RawRow = readonly unknown[];

/** Values of one run in the order of the statement's parameters. @throws Error when a placeholder has no value, as drizzle does. */
export type Bind = (values: Values) => unknown[];
/** A row as the repository asked for it. */
export type Decode = (row: RawRow) => Record<string, unknown>;

type Encode = (value: unknown) => unknown;
interface Decoder {
  mapFromDriverValue(value: unknown): unknown;
}

export function planParameters(parameters: readonly unknown[]): Bind {
  const names = parameters.map((parameter) => placeholderOf(parameter)?.name ?? null);
  const encoders = parameters.map(encoderOf);
  const amount = parameters.length;
  return (values) => {
    const bound: unknown[] = [];
    for (let index = 0; index < amount; index += 1) {
      const name = names[index];
      if (name === null || name === undefined) {
        bound.push(parameters[index]);
        continue;
      }
      const value = values[name];
      if (value === undefined && !(name in values)) throw new Error(`No value for placeholder "${name}" was provided`);
      const encode = encoders[index];
      bound.push(encode === null || encode === undefined ? value : encode(value));
    }
    return bound;
  };
}

function placeholderOf(parameter: unknown): Placeholder | null {
  if (is(parameter, Placeholder)) return parameter;
  return is(parameter, Param) && is(parameter.value, Placeholder) ? parameter.value : null;
}

/** Null: the value goes as it is. */
function encoderOf(parameter: unknown): Encode | null {
  if (!is(parameter, Param)) return null;
  const { encoder } = parameter;
  if (is(encoder, SQLiteCustomColumn)) return codecOf(encoder, 'mapTo');
  return encoder.mapToDriverValue === Column.prototype.mapToDriverValue ? null : (value) => encoder.mapToDriverValue(value);
}

/**
 * @param notNull tables that are there in every row of a join, by name; null when drizzle did not say (no SELECT)
 */
export function planColumns(fields: SelectedFieldsOrdered, notNull: Readonly<Record<string, boolean>> | null): Decode {
  return fields.some(({ path }) => path.length > 1) ? planTree(fields, notNull) : planFlat(fields);
}

function planFlat(fields: SelectedFieldsOrdered): Decode {
  const names = fields.map(({ path }) => path[0] ?? '');
  const decoders = fields.map(({ field }) => decoderOf(field));
  const amount = fields.length;
  return (row) => {
    const result: Record<string, unknown> = {};
    for (let index = 0; index < amount; index += 1) {
      const value = row[index];
      const decoder = decoders[index];
      result[names[index] ?? ''] = value === null || decoder === null || decoder === undefined ? value : decoder.mapFromDriverValue(value);
    }
    return result;
  };
}

/** Fields in groups (`{ seat: { … }, passwordHash }`). A group whose table was not found by an outer join is null. */
function planTree(fields: SelectedFieldsOrdered, notNull: Readonly<Record<string, boolean>> | null): Decode {
  const plans = fields.map(({ path, field }) => ({ groups: path.slice(0, -1), name: path.at(-1) ?? '', decoder: decoderOf(field) }));
  const absent = notNull === null ? [] : groupsOfOneTable(fields).filter(({ table }) => notNull[table] !== true);
  return (row) => {
    const result: Record<string, unknown> = {};
    plans.forEach(({ groups, name, decoder }, index) => {
      let node = result;
      for (const group of groups) {
        const known = node[group];
        if (isNode(known)) node = known;
        else node = node[group] = {};
      }
      const value = row[index];
      node[name] = value === null || decoder === null ? value : decoder.mapFromDriverValue(value);
    });
    for (const { group, first } of absent) if (row[first] === null) result[group] = null;
    return result;
  };
}

function isNode(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Groups of the first level that hold columns of one table only, each with its first column: drizzle tells by that one whether the table's row is there. */
function groupsOfOneTable(fields: SelectedFieldsOrdered): { readonly group: string; readonly table: string; readonly first: number }[] {
  const groups = new Map<string, { group: string; table: string; first: number; mixed: boolean }>();
  fields.forEach(({ path: [group, ...rest], field }, index) => {
    if (group === undefined || rest.length !== 1 || !is(field, Column)) return;
    const table = getTableName(field.table);
    const known = groups.get(group);
    if (known === undefined) groups.set(group, { group, table, first: index, mixed: false });
    else if (known.table !== table) known.mixed = true;
  });
  return [...groups.values()].filter(({ mixed }) => !mixed);
}

/** Null: the value comes as it is. */
function decoderOf(field: SelectedFieldsOrdered[number]['field']): Decoder | null {
  if (is(field, SQLiteCustomColumn)) {
    const decode = codecOf(field, 'mapFrom');
    return decode === null ? null : { mapFromDriverValue: decode };
  }
  if (is(field, Column)) return field.mapFromDriverValue === Column.prototype.mapFromDriverValue ? null : field;
  if (is(field, SQL)) return decoderOfSql(field);
  if (is(field, Subquery)) return decoderOfSql(field._.sql);
  return decoderOfSql(field.sql);
}

/** What a column of our own kinds (kit.ts) was given to encode or decode with; null: nothing. @throws AppError should a later drizzle keep it elsewhere */
function codecOf(column: Column, name: 'mapTo' | 'mapFrom'): Encode | null {
  const codec: unknown = name in column ? Reflect.get(column, name) : name;
  if (codec === undefined) return null;
  if (!isCodec(codec)) throw new AppError('store.failed', 'drizzle keeps the codec of a column elsewhere than this program knows', { status: 500 });
  return codec;
}

function isCodec(value: unknown): value is Encode {
  return typeof value === 'function';
}

/** What `mapWith` has set. Drizzle's types do not show where. @throws AppError should a later drizzle keep it elsewhere */
function decoderOfSql(sql: SQL): Decoder {
  const decoder: unknown = 'decoder' in sql ? sql.decoder : null;
  if (!isDecoder(decoder)) throw new AppError('store.failed', 'drizzle keeps the decoder of an expression elsewhere than this program knows', { status: 500 });
  return decoder;
}

function isDecoder(value: unknown): value is Decoder {
  return typeof value === 'object' && value !== null && 'mapFromDriverValue' in value && typeof value.mapFromDriverValue === 'function';
}
