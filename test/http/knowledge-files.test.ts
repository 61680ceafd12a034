import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KnowledgeEntry } from '../../src/domain/knowledge.ts';
import { plan, written } from '../knowledge/files/support.ts';
import { existingOf } from '../../src/knowledge/files/plan.ts';
import { aKnowledgeEntry } from '../factories/index.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

let intake: IntakeUnderTest;
let app: FastifyInstance;
let changes: number;
beforeEach(async () => {
  changes = 0;
  intake = await openIntake();
  app = await openApp(intake, { desk: { knowledgeChanged: () => (changes += 1) } });
});
afterEach(async () => {
  await app.close();
  await intake.close();
});

const one = (): KnowledgeEntry => aKnowledgeEntry({ id: 'a.one', question: '路灯坏了找谁' });
const jsonl = (...entries: readonly object[]): Buffer => Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));

function upload(seat: SignedIn, query: string, name: string, bytes: Buffer, fields: Readonly<Record<string, string>> = {}) {
  const edge = 'edge-of-the-form';
  const parts = Object.entries(fields).map(([field, value]) => Buffer.from(`--${edge}\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`));
  const head = Buffer.from(`--${edge}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: application/octet-stream\r\n\r\n`);
  return app.inject({ method: 'POST', url: `/api/knowledge/import${query}`, payload: Buffer.concat([...parts, head, bytes, Buffer.from(`\r\n--${edge}--\r\n`)]), headers: { 'content-type': `multipart/form-data; boundary=${edge}`, cookie: seat.cookie, 'x-csrf-token': seat.csrf } });
}

describe('knowledge files by REST', () => {
  it('is for editors, supervisors and administrators; publishing unreviewed for administrators', async () => {
    const seat = await signIn(app, intake);
    expect((await upload(seat, '', 'a.jsonl', jsonl(one()))).statusCode).toBe(403);
    for (const url of ['/api/knowledge/export', '/api/knowledge/lint']) expect((await seat.call('GET', url)).statusCode).toBe(403);
    for (const role of ['editor', 'supervisor', 'administrator'] as const) {
      const other = await signIn(app, intake, role);
      expect((await upload(other, '', 'a.jsonl', jsonl(one()))).json()).toMatchObject({ outcome: 'checked', counts: { new: 1 } });
      if (role !== 'administrator') expect((await upload(other, '?write=true&publish=true', 'a.jsonl', jsonl(one()))).json()).toMatchObject({ error: { code: 'desk.forbidden' } });
    }
    expect(await intake.store.read((repos) => repos.revisions.list({ states: ['review', 'published'], limit: 5 }))).toEqual([]);
  });

  it('looks first, hands in for review when told, in the name of who did it', async () => {
    const editor = await signIn(app, intake, 'editor');
    const bad = { ...one(), id: 'a.bad', answer: '请打 13800138000 找人处理一下。' };
    const checked = await upload(editor, '', 'a.jsonl', jsonl(one(), bad));
    expect(checked.json()).toMatchObject({ outcome: 'checked', counts: { new: 1, refused: 1 }, rows: [{ line: 1, status: 'new' }, { line: 2, status: 'refused', faults: [{ field: 'answer', rule: 'personal_mobile', text: '答案：含手机号码' }] }] });
    expect(checked.body).not.toContain('13800138000');
    expect((await upload(editor, '', 'a.jsonl', jsonl(one(), bad), { write: 'true' })).json()).toMatchObject({ outcome: 'refused', written: 0 });
    expect((await upload(editor, '?write=true', 'a.jsonl', jsonl(one(), bad), { skipBad: 'true' })).json()).toMatchObject({ outcome: 'handed_in', written: 1 });
    expect(await intake.store.read((repos) => repos.revisions.openOf('a.one'))).toMatchObject({ state: 'review', author: editor.seatId });
    expect(changes).toBe(0);
    expect((await intake.store.read((repos) => repos.trail.latest(1)))[0]).toMatchObject({ actor: `seat:${editor.seatId}`, action: 'knowledge.imported' });
  });

  it('publishes an administrator\'s first load and tells that it did', async () => {
    const admin = await signIn(app, intake, 'administrator');
    expect((await upload(admin, '?write=true&publish=true', 'a.jsonl', jsonl(one()))).json()).toMatchObject({ outcome: 'published', written: 1 });
    expect(await intake.store.read((repos) => repos.knowledge.get('a.one'))).toMatchObject({ question: '路灯坏了找谁' });
    expect(changes).toBe(1);
  });

  it('says why a request or a file is none', async () => {
    const editor = await signIn(app, intake, 'editor');
    expect((await editor.call('POST', '/api/knowledge/import', {})).statusCode).toBe(415);
    for (const [name, bytes, code] of [['a.xlsx', Buffer.from('PK nothing'), 'knowledge.bad_xlsx'], ['a.csv', Buffer.from('甲,乙\r\n1,2'), 'knowledge.no_header'], ['a.csv', Buffer.alloc(0), 'knowledge.empty_file']] as const) {
      const answer = await upload(editor, '', name, bytes);
      expect([answer.statusCode, answer.json()]).toMatchObject([400, { error: { code } }]);
    }
    // And is ready for the next one.
    expect((await upload(editor, '', 'a.jsonl', jsonl(one()))).statusCode).toBe(200);
  });

  it('exports what it would import as the same', async () => {
    const editor = await signIn(app, intake, 'editor');
    const entries = [one(), aKnowledgeEntry({ id: 'b.two', module: 'terms', question: '什么叫路灯', answer: '第一段，\n第二段“引号”、逗号,和 =1+1。' })];
    for (const entry of entries) await intake.store.write((repos) => repos.knowledge.publish({ entry, revision: 1, origin: 'desk', now: 1 }));
    for (const format of ['xlsx', 'csv', 'jsonl'] as const) {
      const answer = await editor.call('GET', `/api/knowledge/export?format=${format}`);
      expect(answer.headers['content-disposition']).toMatch(new RegExp(`^attachment; filename="knowledge-\\d{4}-\\d\\d-\\d\\d\\.${format}"$`));
      expect((await plan(`a.${format}`, answer.rawPayload, existingOf(entries))).map(({ report }) => [report.id, report.status])).toEqual([['a.one', 'same'], ['b.two', 'same']]);
      if (format !== 'xlsx') expect(answer.rawPayload.equals(await written(format, entries))).toBe(true);
    }
    expect((await editor.call('GET', '/api/knowledge/export?format=jsonl&module=terms')).body.trim().split('\n')).toHaveLength(1);
    expect((await editor.call('GET', '/api/knowledge/export?format=jsonl&department=hrss')).body).toBe('');
    expect((await editor.call('GET', '/api/knowledge/export?format=jsonl&state=retired')).body).toBe('');
    expect((await editor.call('GET', '/api/knowledge/export?format=pdf')).statusCode).toBe(400);
  });

  it('finds what is wrong, makes tasks of it once, and looks again after a change', async () => {
    const editor = await signIn(app, intake, 'editor');
    const publish = (entry: KnowledgeEntry, revision: number) => intake.store.write((repos) => repos.knowledge.publish({ entry, revision, origin: 'desk', now: 1 }));
    await publish({ ...one(), voice: '第一句。第二句。第三句。第四句。' }, 1);
    const found = (await editor.call('GET', '/api/knowledge/lint')).json();
    expect(found).toMatchObject({ entries: 1, counts: { error: 1 }, findings: [{ rule: 'voice.sentences', severity: 'error', entryIds: ['a.one'], field: 'voice' }, { severity: 'hint' }] });
    expect((await editor.call('GET', '/api/knowledge/lint?severity=hint')).json<{ findings: object[] }>().findings).toHaveLength(1);
    expect((await editor.call('GET', '/api/knowledge/lint?entryId=other')).json<{ findings: object[] }>().findings).toEqual([]);
    expect((await editor.call('POST', '/api/knowledge/lint/tasks')).json()).toEqual({ added: 1 });
    expect((await editor.call('POST', '/api/knowledge/lint/tasks')).json()).toEqual({ added: 0 });
    await publish(one(), 2);
    expect((await editor.call('GET', '/api/knowledge/lint')).json()).toMatchObject({ counts: { error: 0 } });
  });
});
