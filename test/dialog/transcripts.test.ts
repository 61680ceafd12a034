import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatIssue, modalitiesOf, readTranscript, runTranscript } from '../../src/dialog/index.ts';
import { fakeKnowledge, realProgram, root } from './support/program.ts';

const program = realProgram();
const files = [...program.flows.keys()].flatMap((flow) =>
  readdirSync(join(root, 'flows', flow, 'transcripts')).map((name) => ({ flow, path: `flows/${flow}/transcripts/${name}`, text: readFileSync(join(root, 'flows', flow, 'transcripts', name), 'utf8') })),
);

describe('recorded conversations', () => {
  it('every flow has three at least', () => {
    for (const flow of program.flows.keys()) expect(files.filter((file) => file.flow === flow).length, flow).toBeGreaterThanOrEqual(3);
  });

  for (const file of files) {
    const { transcript, issues } = readTranscript(file);
    it(`${file.path} is well formed`, () => {
      expect(issues.map(formatIssue)).toEqual([]);
      expect(transcript).not.toBeNull();
    });
    for (const modality of transcript === null ? [] : modalitiesOf(transcript)) {
      it(`${file.path} on ${modality}`, () => {
        expect(transcript === null ? [] : runTranscript(program, transcript, modality, fakeKnowledge()).map(formatIssue)).toEqual([]);
      });
    }
  }
});

describe('the runner itself', () => {
  const run = (text: string, modality: 'text' | 'voice' = 'text'): readonly string[] => {
    const { transcript, issues } = readTranscript({ path: 'x.yaml', text });
    return transcript === null ? issues.map(formatIssue) : runTranscript(program, transcript, modality, fakeKnowledge()).map(formatIssue);
  };

  it('tells an unmet expectation with its line', () => {
    const found = run('about: 试一试\nturns:\n  - citizen: 居住证怎么办理\n    bot: 我不存在\n    effect: handoff\n');
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/^x\.yaml:4:5 .*应该说“我不存在”/);
    expect(found[1]).toMatch(/^x\.yaml:5:5 .*handoff/);
  });

  it('compares the fields of a ticket', () => {
    const found = run("about: 试一试\nfacts: { knownPhoneLast4: '8000' }\nturns:\n  - citizen: 东城鸿福路的路灯昨晚坏了\n  - citizen: 对\n    ticket: { townId: humen, place: ~鸿福路 }\n");
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^x\.yaml:6:5 .*townId/);
  });

  it('refuses unknown settings with their place', () => {
    expect(run('about: 试一试\nturns:\n  - citizan: 你好\n')[0]).toMatch(/^x\.yaml:3:5 .*citizan/);
  });
});
