import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The longest file first and its peers early, or one worker would still be at them when the other has nothing left. The crash
 * machine and the cluster load both cores: others stand between them, so that they do not take the processor from each other.
 * What is not named takes less than five seconds.
 */
const EARLY = [
  'test/story/torture.test.ts', 'test/store/', 'channels/wechaty/', 'test/bus/', 'test/story/nodes.test.ts', 'test/story/', 'test/web/',
  'test/intake/queue/races.test.ts', 'test/contracts/channels.test.ts', 'test/linkage/conference.test.ts', 'test/outbound/campaign-drive.test.ts', 'test/http/', 'test/dialog/properties.test.ts', 'test/tickets/table.test.ts', 'test/cli/',
];

export class HeaviestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = EARLY.findIndex((part) => moduleId.includes(part));
      return at === -1 ? EARLY.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
