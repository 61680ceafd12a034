import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ticket } from '../../src/domain/ticket.ts';
import { isTicketNumber } from '../../src/domain/ticket-number.ts';
import { createConnector, SERVICE_URL, type Connector } from '../../channels/botframework/testing/connector.ts';
import { createMockWechat, type MockWechat } from '../../channels/wechaty/testing/wechat.ts';
import { openStory, PHONE_CHANNELS, type Story } from '../support/story.ts';
import { until } from '../support/until.ts';

/** The same three stories on every channel: a question, a complaint that becomes a ticket, a person. */

let story: Story;
let connector: Connector;
let wechat: MockWechat;
beforeAll(async () => {
  connector = await createConnector();
  wechat = createMockWechat();
  story = await openStory({ env: () => ({ ...connector.env, ...wechat.env, PATH: process.env['PATH'] ?? '' }) });
});
afterAll(async () => {
  await story.close();
  await connector.close();
  wechat.close();
});

/** The ticket number in a text, spoken or written. */
function numberIn(texts: readonly string[]): string {
  const digits = texts.join(' ').replace(/(?<=\d)[\s，,、]+(?=\d)/g, '');
  const found = [...digits.matchAll(/20\d{12,14}/g)].map((match) => match[0]).find(isTicketNumber);
  if (found === undefined) throw new Error(`no ticket number in: ${texts.join(' | ')}`);
  return found;
}

const ticketBy = async (number: string): Promise<Ticket> => {
  const ticket = await story.house.store.read((repos) => repos.tickets.findByNumber(number));
  if (ticket === null) throw new Error('no such ticket');
  return ticket;
};

/** Goes on answering a form's questions until a ticket number is said; fails when it asks for the same thing again and again. */
async function untilTicket(say: (text: string) => Promise<readonly string[]>, first: string): Promise<{ number: string; asked: string[] }> {
  const asked: string[] = [];
  let heard = await say(first);
  for (let round = 0; round < 8; round += 1) {
    const text = heard.join('\n');
    try {
      return { number: numberIn(heard), asked };
    } catch {
      asked.push(text);
    }
    if (/电话|手机号/.test(text) && !/提交|对吗|是否正确|核对/.test(text)) heard = await say('13800138000');
    else if (/什么时候|时间/.test(text) && !/提交|对吗|核对/.test(text)) heard = await say('昨晚开始的');
    else if (/哪里|地点|什么地方|哪条路|镇街/.test(text) && !/提交|对吗|核对/.test(text)) heard = await say('东城鸿福路');
    else heard = await say('对的');
  }
  throw new Error(`no ticket after eight answers; it said:\n${asked.join('\n---\n')}`);
}

const COMPLAINT = '东城鸿福路万科工地昨晚十一点还在施工，吵得睡不着';

describe('web chat', () => {
  it('answers a question with its source', async () => {
    const citizen = await story.web();
    const answers = await citizen.say('居住证怎么办');
    const answer = answers.find((activity) => activity.channelData?.source !== undefined);
    expect(answer?.text).toMatch(/居住证/);
    expect(answer?.channelData?.source?.title).toMatch(/居住证/);
    expect(answer?.channelData?.source?.department).toBeTruthy();
  });

  it('takes a complaint, asks only what is missing, gives a number and later tells how it stands', async () => {
    const citizen = await story.web();
    const { number, asked } = await untilTicket(async (text) => (await citizen.say(text)).map((activity) => activity.text ?? ''), COMPLAINT);
    // Place and time were said in the first breath: only the number may be asked for, and the summary confirmed.
    expect(asked.length).toBeLessThanOrEqual(2);
    const ticket = await ticketBy(number);
    expect(ticket).toMatchObject({ kind: '投诉', townId: 'dongcheng', itemCode: 'env.noise.construction', state: '待签收', channel: 'webchat' });
    expect(ticket.content).not.toContain('13800138000');
    const heard = [...(await citizen.say(`查一下工单${number}`)), ...(await citizen.say('8000'))].map((activity) => activity.text ?? '').join('\n');
    expect(heard).toMatch(/签收/);
  });

  it('sends a message twice and is answered once', async () => {
    const citizen = await story.web();
    await citizen.say('社保怎么查', 'same-id');
    await citizen.say('社保怎么查', 'same-id');
    const all = await citizen.all();
    expect(all.filter((activity) => activity.from.role === 'user' && activity.type === 'message')).toHaveLength(1);
    expect(all.filter((activity) => activity.channelData?.source !== undefined)).toHaveLength(1);
  });

  it('says 人工, talks to a seat and goes back to the bot', async () => {
    const desk = await story.desk();
    await desk.online();
    const citizen = await story.web();
    const before = await citizen.say('转人工');
    expect(before.map((activity) => activity.text ?? '').join('')).toMatch(/人工|坐席|转接/);
    const { conversations } = await desk.get<{ conversations: { id: string; handoffReason: string; preview: string; channel: string }[] }>('/api/conversations?view=waiting');
    const waiting = conversations.find((conversation) => conversation.channel === 'webchat');
    expect(waiting?.handoffReason).toBeTruthy();
    await desk.send('POST', `/api/conversations/${waiting?.id}/take`);
    await desk.send('POST', `/api/conversations/${waiting?.id}/reply`, { text: '您好，请问有什么可以帮您？', clientId: 'story-reply-1' });
    const seen = await citizen.look();
    expect(seen.find((activity) => activity.name === 'handoff.status')).toBeDefined();
    expect(seen.find((activity) => activity.from.id === 'seat')?.text).toBe('您好，请问有什么可以帮您？');
    expect(await citizen.say('我想问居住证怎么办')).toEqual([]);
    await desk.send('POST', `/api/conversations/${waiting?.id}/hand-back`);
    const after = await citizen.say('居住证怎么办');
    expect(after.some((activity) => activity.channelData?.source !== undefined)).toBe(true);
  });

  it('tells a citizen in danger to call at once and turns the desk red', async () => {
    const citizen = await story.web();
    const heard = await citizen.say('我家厨房着火了，怎么办');
    expect(heard[0]?.text?.slice(0, 40)).toMatch(/119/);
    const desk = await story.desk();
    const { conversations } = await desk.get<{ conversations: { emergency: { category: string } | null; preview: string }[] }>('/api/conversations?view=all');
    expect(conversations.some((conversation) => conversation.emergency?.category === 'fire')).toBe(true);
  });
});

describe('WeChat mini-program', () => {
  it('answers a question with its source in one send', async () => {
    const citizen = story.wechat('oStoryQuestion000000000001');
    const heard = await citizen.say('居住证怎么办');
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(/居住证/);
    expect(heard[0]).toMatch(/来源/);
  });

  it('takes a complaint to a ticket within the send quota', async () => {
    const citizen = story.wechat('oStoryComplaint00000000001');
    const { number } = await untilTicket((text) => citizen.say(text), COMPLAINT);
    expect(await ticketBy(number)).toMatchObject({ kind: '投诉', townId: 'dongcheng', channel: 'wechat-miniprogram' });
    expect((await citizen.say(`工单${number}办到哪了`)).join('\n')).toMatch(/签收|后四位|尾号/);
  });

  it('is answered once when WeChat pushes again', async () => {
    const citizen = story.wechat('oStoryResend0000000000001');
    await citizen.say('公积金怎么提取');
    const before = citizen.seen().length;
    await citizen.peer.resend();
    await citizen.peer.resend();
    await citizen.say('谢谢');
    expect(citizen.seen().length - before).toBe(1);
  });

  it('hears the seat on WeChat', async () => {
    const desk = await story.desk();
    await desk.online();
    const citizen = story.wechat('oStoryPerson0000000000001');
    await citizen.say('人工');
    const { conversations } = await desk.get<{ conversations: { id: string; channel: string }[] }>('/api/conversations?view=waiting');
    const id = conversations.find((conversation) => conversation.channel === 'wechat-miniprogram')?.id;
    await desk.send('POST', `/api/conversations/${id}/take`);
    await desk.send('POST', `/api/conversations/${id}/reply`, { text: '我是人工坐席', clientId: 'story-reply-2' });
    expect(await citizen.say('我家停水了')).toContain('我是人工坐席');
    await desk.send('POST', `/api/conversations/${id}/hand-back`);
    expect((await citizen.say('路灯不亮找谁')).join('')).not.toBe('');
  });
});

describe('WeChat official account', () => {
  it('greets a follower and answers a question in the answer to the push, and sends nothing besides', async () => {
    const citizen = story.official('oOfficialQuestion000000001');
    expect((await citizen.push(citizen.peer.event('subscribe', 'qrscene_hall-7'))).passive).toMatch(/12345/);
    const { passive, sent } = await citizen.push(citizen.peer.text('居住证怎么办'));
    expect(passive).toMatch(/居住证/);
    expect(passive).toMatch(/来源/);
    expect(sent).toEqual([]);
  });

  it('says the same when WeChat pushes again, and nothing by API', async () => {
    const citizen = story.official('oOfficialResend00000000001');
    const { passive } = await citizen.push(citizen.peer.text('公积金怎么提取'));
    expect(passive).toMatch(/公积金/);
    expect(await citizen.again()).toBe(passive);
    expect(await citizen.again()).toBe(passive);
    await story.idle();
    expect(citizen.seen()).toEqual([]);
  });

  it('hears a voice message by its recognition and a button of the menu by its key', async () => {
    const citizen = story.official('oOfficialVoice000000000001');
    const spoken = await citizen.push(citizen.peer.voice('media-of-a-voice', '居住证怎么办'));
    expect(spoken.passive).toMatch(/居住证/);
    expect((await citizen.push(citizen.peer.event('CLICK', '社保怎么查'))).passive).toMatch(/社保/);
  });

  it('takes a complaint to a ticket', async () => {
    const citizen = story.official('oOfficialComplaint00000001');
    const { number } = await untilTicket(async (text) => {
      const { passive, sent } = await citizen.push(citizen.peer.text(text));
      return [...(passive === null ? [] : [passive]), ...sent];
    }, COMPLAINT);
    expect(await ticketBy(number)).toMatchObject({ kind: '投诉', townId: 'dongcheng', channel: 'wechat-official' });
  });

  it('hears the seat by API', async () => {
    const desk = await story.desk();
    await desk.online();
    const citizen = story.official('oOfficialPerson00000000001');
    await citizen.push(citizen.peer.text('人工'));
    const { conversations } = await desk.get<{ conversations: { id: string; channel: string }[] }>('/api/conversations?view=waiting');
    const id = conversations.find((conversation) => conversation.channel === 'wechat-official')?.id;
    await desk.send('POST', `/api/conversations/${id}/take`);
    await desk.send('POST', `/api/conversations/${id}/reply`, { text: '我是人工坐席', clientId: 'story-reply-official' });
    await story.idle();
    expect(citizen.seen().at(-1)).toBe('我是人工坐席');
    expect((await citizen.push(citizen.peer.text('我家停水了'))).passive).toBeNull();
    await desk.send('POST', `/api/conversations/${id}/hand-back`);
  });
});

describe('the Azure Bot Service', () => {
  let number = 0;
  const post = async (user: string, change: object): Promise<Response> => {
    number += 1;
    const activity = { type: 'message', id: `story-${number}`, channelId: 'msteams', serviceUrl: SERVICE_URL, conversation: { id: `story-${user}` }, from: { id: user, name: '' }, recipient: { id: 'bot', name: '' }, locale: 'zh-CN', ...change };
    const response = await fetch(`${story.url}/hooks/botframework`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: connector.authorization() }, body: JSON.stringify(activity) });
    expect(response.status).toBe(200);
    return response;
  };
  const seen = (user: string): string[] => connector.sent.filter(({ path }) => path.includes(`story-${user}/`)).map(({ activity }) => (activity['type'] === 'event' ? `${String(activity['name'])} ${JSON.stringify(activity['value'])}` : String(activity['text'])));
  const say = async (user: string, text: string): Promise<readonly string[]> => {
    const before = seen(user).length;
    await post(user, { text });
    await story.idle();
    return seen(user).slice(before);
  };

  it('answers a question with its source, pushed or in the reply', async () => {
    expect((await say('asker', '居住证怎么办')).join('\n')).toMatch(/居住证[^]*来源/);
    const { activities } = (await (await post('caller', { text: '居住证怎么办', deliveryMode: 'expectReplies' })).json()) as { activities: { text?: string }[] };
    expect(activities.map(({ text }) => text).join('\n')).toMatch(/居住证[^]*来源/);
    expect(seen('caller')).toEqual([]);
  });

  it('takes a complaint to a ticket', async () => {
    const { number: ticket } = await untilTicket((text) => say('complainer', text), COMPLAINT);
    expect(await ticketBy(ticket)).toMatchObject({ kind: '投诉', channel: 'botframework', townId: 'dongcheng' });
  });

  it('is handed a citizen by another bot, and told how it goes', async () => {
    const desk = await story.desk();
    await desk.online();
    await post('handed', { type: 'event', name: 'handoff.initiate', value: { skill: 'permits' } });
    await story.idle();
    const { conversations } = await desk.get<{ conversations: { id: string; channel: string }[] }>('/api/conversations?view=waiting');
    const id = conversations.find((conversation) => conversation.channel === 'botframework')?.id;
    await desk.send('POST', `/api/conversations/${id}/take`);
    await desk.send('POST', `/api/conversations/${id}/reply`, { text: '我是坐席', clientId: 'story-bot-1' });
    await desk.send('POST', `/api/conversations/${id}/close`);
    await story.idle();
    const heard = seen('handed');
    expect(heard).toContain('我是坐席');
    expect(heard.filter((line) => line.startsWith('handoff.'))).toEqual(['handoff.status {"state":"accepted"}', 'handoff.status {"state":"completed"}']);
    expect(heard.indexOf('handoff.status {"state":"accepted"}')).toBeLessThan(heard.indexOf('我是坐席'));
  });
});

describe('WeChat by Wechaty', () => {
  let number = 0;
  const say = async (text: string, change: object = {}): Promise<readonly string[]> => {
    const before = wechat.sent.length;
    number += 1;
    wechat.arrive({ id: `story-${number}`, type: 'Text', talkerId: 'wxid_story', talkerName: '市民', text, at: Date.now(), ...change });
    await until(async () => wechat.sent.length > before, 'an answer');
    await story.idle();
    return wechat.sent.slice(before).map((sent) => sent.text);
  };

  it('answers, takes a complaint, and keeps a room out of it', async () => {
    await wechat.logIn();
    expect((await say('居住证怎么办')).join('\n')).toMatch(/居住证[^]*来源/);
    const { number: ticket } = await untilTicket((text) => say(text), COMPLAINT);
    expect(await ticketBy(ticket)).toMatchObject({ kind: '投诉', channel: 'wechaty' });
    await say('@一呼 我的工单办到哪了', { roomId: 'story@chatroom', mention: true });
    await until(async () => wechat.sent.some(({ to }) => to === 'story@chatroom'), 'the sentence in the room');
    const room = wechat.sent.filter(({ to }) => to === 'story@chatroom').map(({ text }) => text);
    expect(room).toHaveLength(1);
    expect(room[0]).not.toMatch(/工单|\d{6}/);
  }, 120_000);
});

describe.each(PHONE_CHANNELS)('phone by %s', (channel) => {
  /** Each platform has callers of its own. */
  const caller = (one: number): string => `+861380013${8000 + 10 * PHONE_CHANNELS.indexOf(channel) + one}`;

  it('greets, answers a spoken question and can be hung up', async () => {
    const call = story.phone(caller(0), channel);
    expect((await call.call()).join('').replaceAll(' ', '')).toMatch(/12345/);
    const heard = await call.say('居住证怎么办');
    expect(heard.join('')).toMatch(/居住证/);
    expect(heard.join('')).not.toMatch(/https?:/);
    await call.hangup();
    expect(call.state).toBe('ended');
  });

  it('takes a complaint by voice without asking for the number that the line shows, and tells how it stands', async () => {
    const call = story.phone(caller(1), channel);
    await call.call();
    const { number, asked } = await untilTicket((text) => call.say(text), COMPLAINT);
    expect(asked.join('')).not.toMatch(/手机号是多少|请说一下您的手机号/);
    expect(await ticketBy(number)).toMatchObject({ kind: '投诉', channel, townId: 'dongcheng' });
    await call.hangup();
    const later = story.phone(caller(1), channel);
    await later.call();
    const heard: string[] = [...(await later.say('查工单进度'))];
    heard.push(...(await later.press(`${number}#`)));
    if (!/签收/.test(heard.join(''))) heard.push(...(await later.press(`${caller(1).slice(-4)}#`)));
    expect(heard.join('')).toMatch(/签收/);
    await later.hangup();
  });

  it('reaches a person by pressing 0, hears what the seat writes, and is heard', async () => {
    const desk = await story.desk();
    await desk.online();
    const call = story.phone(caller(2), channel);
    await call.call();
    await call.press('0');
    const { conversations } = await desk.get<{ conversations: { id: string; channel: string; citizen: { phoneMasked: string } }[] }>('/api/conversations?view=waiting');
    const waiting = conversations.find((conversation) => conversation.channel === channel);
    expect(waiting?.citizen.phoneMasked).toBe(`138****${caller(2).slice(-4)}`);
    await desk.send('POST', `/api/conversations/${waiting?.id}/take`);
    await desk.send('POST', `/api/conversations/${waiting?.id}/reply`, { text: '您好，我是坐席小王', clientId: `story-reply-${channel}` });
    expect((await call.say('你好')).join('')).toMatch(/坐席小王/);
    const { activities } = await desk.get<{ activities: { role: string; content: { text?: string } }[] }>(`/api/conversations/${waiting?.id}`);
    expect(activities.filter((activity) => activity.role === 'citizen').map((activity) => activity.content.text)).toContain('你好');
    await desk.send('POST', `/api/conversations/${waiting?.id}/close`);
    expect((await call.say('谢谢')).join('')).toMatch(/再见|结束/);
  });

  it('after three silences is offered a person', async () => {
    const call = story.phone(caller(3), channel);
    const heard = [...(await call.call())];
    for (let round = 0; round < 3 && call.state === 'listening'; round += 1) heard.push(...(await call.silence()));
    expect(heard.slice(1).join('')).toMatch(/人工|坐席|再见/);
    if (call.state !== 'ended') await call.hangup();
  });
});

describe('phone in Cantonese', () => {
  it('by a key: the same form in Cantonese, slower when asked, a ticket in the end, and a seat who is heard twice', async () => {
    const call = story.phone('+8613800138070', 'ivr-twilio');
    await call.call();
    expect((await call.press('8')).join('')).toMatch(/直接講件事/);
    const asked = await call.say('我想投訴，東城鴻福路嘅街燈琴晚開始唔着，冇人理');
    expect(asked.join('')).toMatch(/我同你核對一次/);
    expect((await call.say('講慢啲')).join('')).toMatch(/我講慢啲.*我同你核對一次/s);
    expect((await call.press('*')).join('')).toMatch(/我同你核對一次/);
    const number = numberIn(await call.say('啱'));
    expect(await ticketBy(number)).toMatchObject({ kind: '投诉', townId: 'dongcheng', itemCode: 'city.street-lamp' });
    const desk = await story.desk();
    await desk.online();
    await call.press('0');
    const { conversations } = await desk.get<{ conversations: { id: string; channel: string; locale: string }[] }>('/api/conversations?view=waiting');
    const waiting = conversations.find((conversation) => conversation.channel === 'ivr-twilio');
    expect(waiting?.locale).toBe('zh-HK');
    const detail = await desk.get<{ conversation: { queue?: { groupId?: string } | null } }>(`/api/conversations/${waiting?.id}`);
    expect(JSON.stringify(detail.conversation)).toContain('cantonese');
    await desk.send('POST', `/api/conversations/${waiting?.id}/take`);
    await desk.send('POST', `/api/conversations/${waiting?.id}/reply`, { text: '您好，我姓王', clientId: 'story-cantonese' });
    expect((await call.silence()).join('')).toMatch(/我姓王/);
    expect((await call.press('*')).join('')).toMatch(/我姓王/);
    await desk.send('POST', `/api/conversations/${waiting?.id}/close`);
    expect((await call.say('唔該')).join('')).toMatch(/再見|结束/);
  });
});

describe('what stays behind', () => {
  it('no log line holds a number or a message', () => {
    const all = story.log.join('\n');
    expect(story.log.length).toBeGreaterThan(0);
    expect(all).not.toMatch(/1380013800\d|施工|居住证|坐席小王/);
  });

  it('the trail is whole and nothing is stuck', async () => {
    expect(await story.house.store.read((repos) => repos.trail.verify())).toBeNull();
    expect(await story.house.store.read((repos) => repos.outbox.dead(10))).toEqual([]);
  });
});
