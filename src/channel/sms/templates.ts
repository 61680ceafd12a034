import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Notification, NotificationFacts, NotificationTemplate } from '../contract.ts';

/**
 * Approved templates of a text message vendor, as an operator names them in one setting (JSON): for each of the house's templates the vendor's
 * code, the signature, and which of our facts fill which variable, in the vendor's order.
 */

const FACTS = ['number', 'title', 'state', 'department', 'time'] as const satisfies readonly (keyof NotificationFacts)[];

const Variable = Type.Object(
  {
    /** The vendor's name; vendors that number them need none. */
    name: Type.Optional(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,29}$' })),
    from: Type.Enum([...FACTS]),
    /** Signs that the vendor lets through in this variable. */
    max: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);
const Template = Type.Object(
  {
    code: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
    /** Another signature than the account's. */
    sign: Type.Optional(Type.String({ minLength: 2, maxLength: 32 })),
    vars: Type.Array(Variable, { maxItems: 12 }),
  },
  { additionalProperties: false },
);
const TemplatesSchema = Type.Object({ progress: Type.Optional(Template), visit: Type.Optional(Template), callback: Type.Optional(Template), notice: Type.Optional(Template) }, { additionalProperties: false });
const templatesValidator = Compile(TemplatesSchema);
export type SmsTemplates = Static<typeof TemplatesSchema>;
export type SmsTemplate = Static<typeof Template>;

/** Null: the text is no such object; which part is wrong is told by `fault`. */
export function readTemplates(text: string): { readonly templates: SmsTemplates } | { readonly fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'must be one line of JSON' };
  }
  if (templatesValidator.Check(value)) return Object.keys(value).length === 0 ? { fault: 'must name one template at least' } : { templates: value };
  const [first] = templatesValidator.Errors(value);
  return { fault: `must name templates as README.md says${first === undefined ? '' : `: at ${first.instancePath === '' ? '/' : first.instancePath}`}` };
}

export const templateFor = (templates: SmsTemplates, template: NotificationTemplate): SmsTemplate | null => templates[template] ?? null;

/** Values of the variables in order, each fit for a text message: one line, no control characters, cut to what the vendor lets through. */
export function valuesOf(template: SmsTemplate, { facts }: Pick<Notification, 'facts'>, max: number): readonly { readonly name: string; readonly value: string }[] {
  return template.vars.map(({ name, from, max: own }, index) => ({ name: name ?? String(index + 1), value: shortened(facts[from], own ?? max) }));
}

/** Vendors refuse an empty variable; a dash says that there is nothing. */
function shortened(text: string, max: number): string {
  // A vendor takes 【 】 for the signature's own, and a web address in a variable for advertising.
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\uFFFE\uFFFF]+/gu, ' ').replace(/[【】[\]]/g, ' ').replace(/https?:\/\/\S+/gi, '').replace(/\s+/g, ' ').trim();
  const signs = [...plain];
  return signs.length === 0 ? '-' : signs.length <= max ? plain : max === 1 ? '…' : `${signs.slice(0, max - 1).join('').trimEnd()}…`;
}
