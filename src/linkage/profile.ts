import { join } from 'node:path';
import { Cron } from 'croner';
import Type, { type Static } from 'typebox';
import { faultsError, readYaml } from '../config/files.ts';
import { DeadlineRuleSchema, TicketKindSchema, UrgencySchema } from '../domain/config-files.ts';
import { LEAVES } from './leaves.ts';
import { RecordKindSchema } from './record.ts';

/** config/linkage.yaml: which platforms this house is linked with, how, what of a matter they get, and what goes to whom. */

const closed = { additionalProperties: false };
const Slug = Type.String({ pattern: '^[a-z0-9-]{2,40}$' });
const Path = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9]*(\\.[A-Za-z][A-Za-z0-9]*)*$' });
/** Theirs: whatever their document calls it. */
const TheirPath = Type.String({ pattern: '^[^\\s.<>&"\']{1,60}(\\.[^\\s.<>&"\']{1,60})*$' });
/** `clear`: as it is, with a row in the trail; `masked`: 138****8000, 王**; `no`: left out. */
const Share = Type.Union([Type.Literal('clear'), Type.Literal('masked'), Type.Literal('no')]);
export type ShareOf = Static<typeof Share>;

const Transport = Type.Union([
  /** Records are posted to the address in `LINKAGE_<ID>_URL`, signed; theirs come to /hooks/linkage/<id>. `auth`: how they prove themselves. */
  Type.Object({ kind: Type.Literal('http'), format: Type.Union([Type.Literal('json'), Type.Literal('xml')]), auth: Type.Union([Type.Literal('signature'), Type.Literal('key')]) }, closed),
  /** Files in out/, theirs in in/, acknowledgements in ack/ (ours) and in/ (theirs), what cannot be read in bad/. Below DATA_DIR/linkage/<id>, or LINKAGE_<ID>_FOLDER. */
  Type.Object({ kind: Type.Literal('files'), format: Type.Union([Type.Literal('json'), Type.Literal('xml'), Type.Literal('csv')]) }, closed),
]);

export const ProfileSchema = Type.Object(
  {
    id: Slug,
    name: Type.String({ minLength: 1, maxLength: 40 }),
    about: Type.String({ minLength: 1 }),
    /** `service`: an emergency service that citizens can call (number); `platform`: everything else. */
    kind: Type.Union([Type.Literal('service'), Type.Literal('platform')]),
    /** What citizens dial: 110. Only of services. */
    number: Type.Optional(Type.String({ pattern: '^\\d{3,6}$' })),
    /** Exchanges records. LINKAGE_ACTIVE (a list of ids) turns one on without touching the file. */
    active: Type.Boolean(),
    directions: Type.Array(Type.Union([Type.Literal('in'), Type.Literal('out')]), { minItems: 1, uniqueItems: true }),
    transport: Transport,
    /** Kinds of record that we send, and that we take. */
    tells: Type.Array(RecordKindSchema, { uniqueItems: true }),
    takes: Type.Array(RecordKindSchema, { uniqueItems: true }),
    /** Their words of an acknowledgement, and the codes that ours carry. */
    acknowledgement: Type.Object(
      {
        codeField: TheirPath, messageField: TheirPath,
        /** Codes of theirs that mean: done, or had it before. */
        accepted: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
        /** Codes that mean: never. Any other code is tried again. */
        refused: Type.Array(Type.String({ minLength: 1 })),
        ours: Type.Object({ applied: Type.String(), repeated: Type.String(), held: Type.String(), refused: Type.String() }, closed),
      },
      closed,
    ),
    /** What positions are given in. */
    datum: Type.Union([Type.Literal('WGS-84'), Type.Literal('GCJ-02')]),
    /** Our field → their field. Absent: the canonical form as it is. What is not listed does not travel. */
    fields: Type.Optional(Type.Record(Path, TheirPath)),
    /** Our field → (our value → their code). One to one, so that it can be read back. */
    codes: Type.Optional(Type.Record(Path, Type.Record(Type.String({ minLength: 1 }), Type.String({ minLength: 1 }), { minProperties: 1 }))),
    /** Which personal fields go out, and why. `confidential`: the most that goes out of a confidential matter. */
    shares: Type.Object({ name: Share, phone: Share, address: Share, confidential: Share, purpose: Type.String({ minLength: 2, maxLength: 100 }) }, closed),
    due: Type.Object(
      {
        /** For their acknowledgement; then it is sent again. */
        acknowledgement: DeadlineRuleSchema,
        /** Until they take or refuse what we passed on. */
        acceptance: Type.Optional(DeadlineRuleSchema),
        /** Until they (we) tell the result. */
        feedback: Type.Optional(DeadlineRuleSchema),
      },
      closed,
    ),
    /** Sends before it is a dead letter. */
    attempts: Type.Integer({ minimum: 1, maximum: 30 }),
    /** When the day before is reconciled: five fields of cron, Beijing time. */
    reconcile: Type.String(),
  },
  closed,
);
export type Profile = Static<typeof ProfileSchema>;

export const RuleSchema = Type.Object(
  {
    id: Slug,
    /** All conditions that are there must hold; of a list, one member. */
    when: Type.Object(
      {
        /** Categories of config/dialog.yaml. */
        emergencies: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
        urgencies: Type.Optional(Type.Array(UrgencySchema, { minItems: 1 })),
        /** Codes of items, or what their codes begin with (`safety.`). */
        items: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
        kinds: Type.Optional(Type.Array(TicketKindSchema, { minItems: 1 })),
        words: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
        not: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
      },
      { ...closed, minProperties: 1 },
    ),
    /** Profile that it belongs to. */
    to: Slug,
    /** `at-once`: a ticket of this is passed on by itself as it is opened; `suggest`: the desk is shown it. */
    how: Type.Union([Type.Literal('at-once'), Type.Literal('suggest')]),
    /**
     * A caller in whose words the dialog finds one of `emergencies` is brought together with the other side by telephone at once (三方通话), where the profile
     * has a number to dial and the line can; a seat comes in when it takes the conversation.
     */
    threeParty: Type.Optional(Type.Literal(true)),
    why: Type.String({ minLength: 1 }),
  },
  closed,
);
export type Rule = Static<typeof RuleSchema>;

const LinkageFile = Type.Object({ version: Type.Literal(1), rules: Type.Array(RuleSchema), profiles: Type.Array(ProfileSchema, { minItems: 1 }) }, closed);
export type LinkageRules = Pick<Static<typeof LinkageFile>, 'rules' | 'profiles'>;

/** Fields without which a record cannot be told from another. */
const NEEDED = ['kind', 'version', 'identity.externalNo', 'identity.ticketNo'] as const;
/** Set on reading from the profile itself. */
const OWN = new Set(['format', 'profile']);
const XML_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * @param root folder that holds `config/`
 * @throws AppError `config.invalid` with file, line and column of every fault
 */
export function loadLinkage(root: string): LinkageRules {
  const file = readYaml(root, join(root, 'config', 'linkage.yaml'), LinkageFile);
  if (file.value === null) throw faultsError(file.faults);
  const { profiles, rules } = file.value;
  const faults = lintLinkage({ profiles, rules }).map(({ pointer, message }) => file.fault(pointer, message));
  if (faults.length > 0) throw faultsError(faults);
  return { profiles, rules };
}

export interface LinkageFault {
  /** JSON pointer into the file. */
  readonly pointer: string;
  readonly message: string;
}

/** What a schema cannot say. Pure. */
export function lintLinkage({ profiles, rules }: LinkageRules): readonly LinkageFault[] {
  const faults: LinkageFault[] = [];
  const fault = (pointer: string, message: string): void => void faults.push({ pointer, message });
  profiles.forEach((profile, index) => {
    const at = `/profiles/${index}`;
    if (profiles.findIndex(({ id }) => id === profile.id) !== index) fault(`${at}/id`, `profile ${profile.id} stands twice`);
    if ((profile.kind === 'service') !== (profile.number !== undefined)) fault(profile.number === undefined ? `${at}/kind` : `${at}/number`, `profile ${profile.id}: a service has a number that citizens dial, a platform has none`);
    if (!isCron(profile.reconcile)) fault(`${at}/reconcile`, `profile ${profile.id}: ${profile.reconcile} is no time (five fields: minute, hour, day, month, weekday)`);
    if (profile.directions.includes('in') && !profile.takes.includes('dispatch')) fault(`${at}/takes`, `profile ${profile.id}: what comes in begins with a dispatch`);
    if (profile.directions.includes('out') && !profile.tells.includes('dispatch')) fault(`${at}/tells`, `profile ${profile.id}: what goes out begins with a dispatch`);
    for (const code of profile.acknowledgement.refused) if (profile.acknowledgement.accepted.includes(code)) fault(`${at}/acknowledgement/refused`, `profile ${profile.id}: code ${code} means both accepted and refused`);
    if (profile.shares.phone === 'clear' && profile.shares.purpose.trim().length < 4) fault(`${at}/shares/purpose`, `profile ${profile.id}: numbers in clear need a purpose that can be understood`);
    lintFields(profile, at, fault);
    lintCodes(profile, at, fault);
  });
  rules.forEach((rule, index) => {
    if (rules.findIndex(({ id }) => id === rule.id) !== index) fault(`/rules/${index}/id`, `rule ${rule.id} stands twice`);
    const target = profiles.find(({ id }) => id === rule.to);
    if (target === undefined) fault(`/rules/${index}/to`, `rule ${rule.id}: there is no profile ${rule.to}`);
    else if (rule.threeParty === true && (rule.when.emergencies === undefined || target.kind !== 'service')) fault(`/rules/${index}/threeParty`, `rule ${rule.id}: only an emergency that the dialog finds is brought to a service by telephone`);
    else if (!target.directions.includes('out')) fault(`/rules/${index}/to`, `rule ${rule.id}: nothing is passed on to ${rule.to}`);
  });
  return faults;
}

function lintFields({ id, fields, transport }: Profile, at: string, fault: (pointer: string, message: string) => void): void {
  if (fields === undefined) return;
  const theirs = Object.entries(fields);
  for (const [ours, name] of theirs) {
    if (!LEAVES.has(ours) || OWN.has(ours)) fault(`${at}/fields/${ours}`, `profile ${id}: the record has no field ${ours}`);
    const twin = theirs.find(([other, path]) => other !== ours && (path === name || path.startsWith(`${name}.`)));
    if (twin !== undefined) fault(`${at}/fields/${ours}`, `profile ${id}: ${name} is also where ${twin[0]} goes`);
    if (transport.format === 'xml' && name.split('.').some((part) => !XML_NAME.test(part))) fault(`${at}/fields/${ours}`, `profile ${id}: ${name} is no name of an XML element`);
  }
  for (const needed of NEEDED) if (!Object.hasOwn(fields, needed)) fault(`${at}/fields`, `profile ${id}: ${needed} must be among the fields`);
}

function lintCodes({ id, codes, tells, takes }: Profile, at: string, fault: (pointer: string, message: string) => void): void {
  for (const [path, list] of Object.entries(codes ?? {})) {
    if (LEAVES.get(path) !== 'text' || OWN.has(path)) fault(`${at}/codes/${path}`, `profile ${id}: ${path} is no text field of the record`);
    const seen = new Map<string, string>();
    for (const [ours, theirs] of Object.entries(list)) {
      const before = seen.get(theirs);
      if (before !== undefined) fault(`${at}/codes/${path}/${ours}`, `profile ${id}: code ${theirs} stands for ${before} and ${ours}: it could not be read back`);
      seen.set(theirs, ours);
    }
    if (path === 'kind') for (const kind of new Set([...tells, ...takes])) if (!Object.hasOwn(list, kind)) fault(`${at}/codes/kind`, `profile ${id}: ${kind} has no code`);
  }
}

function isCron(cron: string): boolean {
  if (cron.trim().split(/\s+/).length !== 5) return false;
  try {
    return new Cron(cron, { timezone: 'Asia/Shanghai', paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}
