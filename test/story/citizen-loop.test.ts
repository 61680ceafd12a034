import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ticket } from '../../src/domain/ticket.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { openStory, type Story } from '../support/story.ts';

/**
 * A citizen and their ticket from the first word to the end, on the web and by phone: told of moves, asking, urging, adding, saying no, saying
 * yes. Written so that it also holds by night, when notices wait until the citizen is there.
 */
describe('a citizen and their ticket', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory();
  });
  afterAll(() => story.close());

  const newest = async (channel: string): Promise<Ticket> => {
    const [ticket] = await story.house.store.read((repos) => repos.tickets.list({ channel, limit: 1 }));
    if (ticket === undefined) throw new Error('no ticket');
    return ticket;
  };
  /** As the department and another person at the hotline do it. */
  const move = async (id: string, name: string, given: object = {}): Promise<void> => {
    const { context } = story.house;
    const ticket = await story.house.store.read((repos) => repos.tickets.get(id));
    const handles = name === 'sign' || name === 'finish';
    const actor = handles ? ({ kind: 'department', departmentId: ticket?.departmentId ?? '', seatId: null } as const) : ({ kind: 'seat', seatId: 'seat-of-the-story' } as const);
    await writeUnit(context, (unit) => moveTicket(context, unit, id, name, { version: ticket?.version ?? 0, ...given }, { role: handles ? 'department' : 'supervisor', actor }));
  };
  const proof = (id: string, file: string): Promise<void> =>
    story.house.store.write((repos) => repos.ticketFiles.insert({ id: file, ticketId: id, media: 'media-of-the-story', name: null, contentType: 'image/png', purpose: 'evidence', addedBy: 'department:story', at: Date.now() }));

  it('on the web: notices, progress, one urge that counts, a no that reopens, a yes that ends it, and the way back', async () => {
    const web = await story.web();
    const say = async (text: string): Promise<string> => (await web.say(text)).map((activity) => activity.text ?? '').join('\n');
    await say('我家门口那条路的路灯坏了一个礼拜了，天黑根本看不见，东城鸿福路，昨晚我妈差点摔了');
    await say('13800138000');
    expect(await say('对的')).toMatch(/工单号/);
    const { id } = await newest('webchat');

    await move(id, 'sign');
    const answer = await say('我那个事处理得怎么样了啊');
    expect(answer).toMatch(/正在办理（\d+月\d+日 \d\d:\d\d起）。预计.*前办结/);
    // The notice of the sign-off came before the question by day, after it by night; once in both cases.
    const notices = async (): Promise<string[]> => (await web.all()).filter(({ text, from }) => text?.includes('已经签收') === true && from.role !== 'user').map(({ text }) => text ?? '');
    await expect.poll(notices).toHaveLength(1);

    expect(await say('催一下啊，你们快点')).toMatch(/第1次/);
    expect(await say('再催一下')).toMatch(/已经替您催过/);
    expect(await say('再补充一下，昨晚又有个老人摔倒了')).toMatch(/已经补充/);
    expect(await newest('webchat')).toMatchObject({ urges: 1 });

    await proof(id, 'story-file-1');
    await move(id, 'finish', { result: '已更换灯具，恢复照明。', evidence: ['story-file-1'] });
    await move(id, 'passReview');
    const no = await say('哪里好了，灯还是不亮，没人来弄过');
    expect(no).toMatch(/重新办理.*预计/);
    expect(await newest('webchat')).toMatchObject({ state: '重办', vetoes: 1 });

    await move(id, 'finish', { result: '已重新接线。', evidence: ['story-file-1'] });
    await move(id, 'passReview');
    expect(await say('好了谢谢')).toMatch(/几分/);
    expect(await say('4分吧')).toMatch(/办结/);
    expect(await newest('webchat')).toMatchObject({ state: '归档', closure: 'confirmed', visit: { process: 4, solved: true } });

    expect(await say('又不亮了，没解决')).toMatch(/重新办理/);
    expect(await newest('webchat')).toMatchObject({ state: '重办', vetoes: 2 });
    expect(await say('我不想投诉了，把工单撤了吧')).toMatch(/确定撤回/);
    expect(await say('是')).toMatch(/已经撤回/);
    expect(await newest('webchat')).toMatchObject({ state: '归档', closure: 'withdrawn' });
  });

  it('by phone: nobody is rung, the next call tells and asks', async () => {
    const from = '+8613800138001';
    const phone = story.phone(from);
    await phone.call();
    let heard = (await phone.say('东城鸿福路的井盖破了三天了，昨天有人差点掉下去，请你们来修')).join('');
    for (let round = 0; round < 6 && !/登记好|工单号/.test(heard); round += 1) heard = (await (/对吗|核对/.test(heard) ? phone.say('对的') : phone.say('不知道'))).join('');
    await phone.hangup();
    const { id, departmentId } = await newest('ivr-twilio');
    expect(departmentId).not.toBeNull();
    await move(id, 'sign');
    await proof(id, 'story-file-2');
    await move(id, 'finish', { result: '井盖已更换。', evidence: ['story-file-2'] });
    await move(id, 'passReview');

    // What the moves set going is written down before the next call: a caller in between hears the steps, and is asked all the same.
    await story.idle();
    const again = story.phone(from);
    const greeting = (await again.call()).join('');
    expect(greeting).toMatch(/1 2 3 4 5/);
    await expect.poll(async () => (await story.house.store.read((repos) => repos.ticketVisits.of(id))).length).toBeGreaterThan(0);
    expect(greeting).toMatch(/井盖.*解决了请按1/s);
    expect(greeting, 'who is asked about the end need not hear of the steps').not.toMatch(/已经签收/);
    expect((await again.press('1')).join('')).toMatch(/1到5/);
    expect((await again.press('5')).join('')).toMatch(/谢谢/);
    expect(await newest('ivr-twilio')).toMatchObject({ state: '归档', closure: 'confirmed', visit: { process: 5, solved: true } });
    await again.hangup();
  });
});
