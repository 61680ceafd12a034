import Type, { type Static } from 'typebox';

/** config/lexicon.yaml: the word lists of the slot readers and of the matcher, edited by operators, loaded by main. */

const Words = Type.Array(Type.String({ minLength: 1, maxLength: 30 }), { minItems: 1, uniqueItems: true });

export const LexiconSchema = Type.Object(
  {
    version: Type.Literal(1),
    /** Words that end a place name in speech. */
    placeSuffixes: Words,
    yes: Words,
    no: Words,
    /** Words that open a correction. */
    correction: Words,
    surnames: Words,
    /** Groups of equal words; the first is the standard one. */
    synonyms: Type.Array(Type.Array(Type.String({ minLength: 1, maxLength: 30 }), { minItems: 2, uniqueItems: true })),
    /** Dialect word → standard word. */
    dialect: Type.Record(Type.String({ minLength: 1 }), Type.String({ minLength: 1 })),
    /** Words that say nothing about the matter; not counted by the matcher. */
    stopWords: Words,
    /** Local and trade words the segmenter must keep whole. */
    words: Words,
  },
  { additionalProperties: false },
);
export type Lexicon = Static<typeof LexiconSchema>;
