import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * What the processes of one machine say to each other. They know only their primary, which hands things on:
 *
 *   news      child ─► primary ─► every other child
 *   ask       child ─► primary: its own measures; what have the others?
 *   question  primary ─► every other child ─► answer ─► primary
 *   gathered  primary ─► the child that asked
 *   family    primary ─► every child: so many of so many listen
 */
const Text = Type.String();
const Id = Type.Integer({ minimum: 0 });
/** One process's measures, as prom-client gives them. */
const Measures = Type.Array(Type.Object({}));
export type Measures = Static<typeof Measures>;

const FromChild = Compile(
  Type.Union([
    Type.Object({ yihu: Type.Literal('news'), text: Text }),
    Type.Object({ yihu: Type.Literal('ask'), id: Id, measures: Measures }),
    Type.Object({ yihu: Type.Literal('answer'), id: Id, measures: Measures }),
  ]),
);
export type FromChild =
  | { readonly yihu: 'news'; readonly text: string }
  | { readonly yihu: 'ask' | 'answer'; readonly id: number; readonly measures: Measures };

const FromPrimary = Compile(
  Type.Union([
    Type.Object({ yihu: Type.Literal('news'), text: Text }),
    Type.Object({ yihu: Type.Literal('question'), id: Id }),
    Type.Object({ yihu: Type.Literal('gathered'), id: Id, measures: Type.Array(Measures), silent: Id }),
    Type.Object({ yihu: Type.Literal('family'), up: Id, of: Id }),
  ]),
);
export type FromPrimary =
  | { readonly yihu: 'news'; readonly text: string }
  | { readonly yihu: 'question'; readonly id: number }
  | { readonly yihu: 'gathered'; readonly id: number; readonly measures: readonly Measures[]; readonly silent: number }
  | { readonly yihu: 'family'; readonly up: number; readonly of: number };

/** Null for what is none of ours: a debugger or a test may use the same channel. */
export function fromChild(message: unknown): FromChild | null {
  return FromChild.Check(message) ? message : null;
}

/** Null for what is none of ours. */
export function fromPrimary(message: unknown): FromPrimary | null {
  return FromPrimary.Check(message) ? message : null;
}
