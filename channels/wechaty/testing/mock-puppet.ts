import { BroadcastChannel } from 'node:worker_threads';
import { FileBox } from 'file-box';
import { mock, PuppetMock } from 'wechaty-puppet-mock';
import { readCommand, type MockEvent } from './mock-wire.ts';

/**
 * wechaty-puppet-mock with a line to whoever plays WeChat: `WECHATY_PUPPET_ENDPOINT` names a BroadcastChannel of the process, as
 * the puppet lives in the channel's thread.
 */
export const SELF_ID = 'yihu-bot';
const TYPES: Readonly<Record<string, number>> = { Attachment: 1, Audio: 2, Contact: 3, Image: 6, Text: 7, Location: 8, MiniProgram: 9, Recalled: 13, Url: 14, Video: 15 };

// oxlint-disable-next-line import/no-default-export -- so puppets are packaged
export default class LinePuppet extends PuppetMock {
  private readonly line: BroadcastChannel;
  private failing = 0;

  constructor(options: { readonly endpoint?: string } = {}) {
    super({ mocker: new mock.Mocker() });
    this.line = new BroadcastChannel(options.endpoint ?? 'yihu.wechaty.mock');
    this.line.unref();
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- Node types no other way
    this.line.onmessage = (event) => {
      const data: unknown = typeof event === 'object' && event !== null && 'data' in event ? event.data : null;
      void this.obey(data);
    };
  }

  override async onStart(): Promise<void> {
    await super.onStart();
    this.mocker.createContact({ id: SELF_ID, name: '一呼' });
    this.mocker.createContact({ id: 'somebody', name: '某人' });
    // As real puppets keep their session.
    const before: unknown = await this.memory.get('starts');
    await this.memory.set('starts', (typeof before === 'number' ? before : 0) + 1);
    this.tell({ event: 'up' });
  }

  override async messageSendText(conversationId: string, text: string): Promise<void> {
    if (this.failing > 0) {
      this.failing -= 1;
      throw new Error('the mock refuses to send');
    }
    await super.messageSendText(conversationId, text);
    this.tell({ event: 'sent', to: conversationId, text });
  }

  private tell(event: MockEvent): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- between threads, not windows
    this.line.postMessage(event);
  }

  private async obey(data: unknown): Promise<void> {
    const command = readCommand(data);
    switch (command?.command) {
      case 'scan':
        return this.mocker.scan('https://login.weixin.example/l/fixture');
      case 'login':
        await this.login(SELF_ID);
        return this.tell({ event: 'in' });
      case 'logout':
        return this.logout();
      case 'fail-sends':
        this.failing = command.times;
        return;
      case 'error-event':
        return void this.emit('error', { gerror: JSON.stringify({ name: 'Error', message: 'personal words', code: 5 }) });
      case 'throw':
        return void setTimeout(() => {
          throw new Error('thrown where nobody catches');
        }, 0);
      case 'reject':
        return void Promise.reject(new Error('rejected where nobody waits'));
      case 'hang':
        for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
      case 'arrive':
        return this.arrive(command.message);
      case undefined:
        return;
    }
  }

  private arrive({ id, type, talkerId, talkerName, roomId, mention, text, at, file }: NonNullable<Extract<ReturnType<typeof readCommand>, { command: 'arrive' }>>['message']): void {
    const { MessageMock } = this.mocker;
    if (!this.mocker.cacheContactPayload.has(talkerId)) this.mocker.createContact({ id: talkerId, name: talkerName });
    if (roomId !== undefined && !this.mocker.cacheRoomPayload.has(roomId)) this.mocker.createRoom({ id: roomId, topic: '群', memberIdList: [SELF_ID, talkerId] });
    const where = roomId === undefined ? { listenerId: talkerId === SELF_ID ? 'somebody' : SELF_ID } : { roomId, mentionIdList: mention === true ? [SELF_ID] : [] };
    if (file !== undefined) this.mocker.cacheFileBoxPayload.set(id, FileBox.fromBase64(file.base64, file.name).toJSON());
    if (!this.mocker.cacheMessagePayload.has(id)) MessageMock.create({ id, talkerId, type: TYPES[type] ?? 0, text, timestamp: at, ...where });
    this.emit('message', { messageId: id });
  }
}
