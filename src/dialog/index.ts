/** The dialog engine: flows in, `advance` out. Everything the wiring needs, nothing else. */
export { advance, startState } from './advance.ts';
export { compileFlows, compileOrThrow, type Compiled, type ProgramSources } from './compile.ts';
export { findEmergency } from './listen.ts';
export type { Program } from './program.ts';
export { createProgramRegistry, type ProgramRegistry } from './registry.ts';
export { formatIssue, type Issue, type SourceText } from './source.ts';
export { lintProgram, type LintOptions } from './lint.ts';
export { modalitiesOf, readTranscript, runTranscript, type Knowledge, type Transcript } from './transcript.ts';
export { readTranscriptKnowledge } from './transcript-knowledge.ts';
