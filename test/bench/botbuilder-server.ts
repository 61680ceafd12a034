import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ActivityHandler, CloudAdapter, ConfigurationBotFrameworkAuthentication, ConversationState, MemoryStorage, UserState, type Response } from 'botbuilder';

/**
 * The peer, as a process of its own: a bot of the Bot Framework behind a bare HTTP route, its state in memory, answering by
 * keyword. Nothing is durable. Without an app id its authentication is off, as for the Bot Framework Emulator.
 */

const ANSWERS: readonly (readonly [word: string, answer: string])[] = [
  ['居住证', '办理居住证请携带身份证和居住证明，到所在镇街的公安分局户政窗口办理。'],
  ['公积金', '提取公积金可在网上办事大厅或住房公积金管理中心各网点办理。'],
  ['社保卡', '社保卡遗失请先挂失，再到服务网点补办。'],
  ['工地', '您反映的施工噪音已经记录，将转交生态环境部门处理。'],
  ['谢谢', '不客气，祝您生活愉快。'],
  ['你好', '您好，这里是12345热线，请问有什么可以帮您？'],
];

const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication({ MicrosoftAppId: '' }));
const storage = new MemoryStorage();
const conversationState = new ConversationState(storage);
const userState = new UserState(storage);
const turns = conversationState.createProperty<number>('turns');
const lastWords = userState.createProperty<string>('lastWords');

const bot = new ActivityHandler();
bot.onMessage(async (context, next) => {
  const text = context.activity.text;
  await turns.set(context, ((await turns.get(context, 0)) ?? 0) + 1);
  await lastWords.set(context, text);
  await context.sendActivity(ANSWERS.find(([word]) => text.includes(word))?.[1] ?? '请您再说详细一点。');
  await next();
});
bot.onDialog(async (context, next) => {
  await conversationState.saveChanges(context);
  await userState.saveChanges(context);
  await next();
});

const server = createServer((request, response) => {
  serve(request, response).catch(() => response.writeHead(500).end());
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body: Record<string, unknown> = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  await adapter.process({ method: request.method ?? 'POST', headers: request.headers, body }, responseOf(response), (context) => bot.run(context));
}

/** What the adapter calls, as Express and Restify have it. */
function responseOf(response: ServerResponse): Response {
  let answer = '';
  return {
    socket: response.socket,
    header: (name: string, value: unknown) => response.setHeader(name, String(value)),
    status: (code: number) => (response.statusCode = code),
    send: (body: unknown) => (answer = JSON.stringify(body)),
    end: () => response.setHeader('content-type', 'application/json').setHeader('content-length', Buffer.byteLength(answer)).end(answer),
  };
}
