import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError, codeOf } from '../domain/errors.ts';
import { redactLines, redactText, type RedactGiven } from './redact.ts';
import { MOST_LINES } from './summary.ts';
import type { Line, SummaryLine } from './types.ts';

/**
 * A summary drafted by a language model behind an OpenAI-compatible endpoint. Off unless an operator sets one; never by itself; gets
 * masked text only; a draft is called a draft. Whatever goes wrong, the extractive summary is the answer.
 */

export interface DraftEndpoint {
  /** Base address, up to and without `/chat/completions`. */
  readonly url: string;
  readonly key: string;
  readonly model: string;
}

export interface Draft {
  /** `model`: drafted, to be read before it is used; `extract`: cut out of the conversation. */
  readonly by: 'model' | 'extract';
  readonly lines: readonly { readonly label: string; readonly text: string }[];
  /** Why it is not by the model; null when it is. */
  readonly note: string | null;
}

export interface DraftWriter {
  readonly model: string;
  /** Never rejects. */
  write(lines: readonly Line[], extract: readonly SummaryLine[], given: RedactGiven): Promise<Draft>;
}

export interface DraftOptions {
  readonly endpoint: DraftEndpoint;
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
  /** Never told what was said. */
  readonly log: { warn(facts: object, text: string): void };
}

const TIMEOUT_MS = 8_000;
/** Newest characters of the conversation that are sent. */
const SENT_CHARS = 6_000;
const ANSWER_BYTES = 64 * 1024;
const LINE_CHARS = 160;
const ROLES = { citizen: '市民', bot: '机器人', seat: '坐席' } as const;
const PROMPT =
  '你是政务热线的坐席助手。请根据下面已脱敏的对话，写一份交接摘要，供接手的坐席阅读。最多五行，每行以“诉求：”“要素：”“已做：”“未了：”“情绪：”之一开头。只写对话里说过的事，不推测，不编造，不补全被“＊＊”遮住的内容，不评价市民。';

const Answer = Compile(Type.Object({ choices: Type.Array(Type.Object({ message: Type.Object({ content: Type.String() }) }), { minItems: 1 }) }));

export function createDraftWriter({ endpoint, fetch: call = fetch, timeoutMs = TIMEOUT_MS, log }: DraftOptions): DraftWriter {
  const address = `${endpoint.url.replace(/\/+$/, '')}/chat/completions`;
  return {
    model: endpoint.model,
    write: async (lines, extract, given) => {
      try {
        const said = redactLines(lines, given).filter(({ text }) => text.trim() !== '').map(({ role, text }) => `${ROLES[role]}：${text}`).join('\n').slice(-SENT_CHARS);
        const response = await call(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(endpoint.key === '' ? {} : { authorization: `Bearer ${endpoint.key}` }) },
          body: JSON.stringify({ model: endpoint.model, temperature: 0.2, max_tokens: 500, messages: [{ role: 'system', content: PROMPT }, { role: 'user', content: said }] }),
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
        });
        if (!response.ok) {
          await response.body?.cancel();
          throw new AppError('assist.draft_refused', `the endpoint answered ${response.status}`, { status: 502, retry: 'later' });
        }
        const drafted = readDraft(await textOf(response));
        if (drafted.length === 0) throw new AppError('assist.draft_empty', 'the endpoint answered nothing of use', { status: 502, retry: 'later' });
        return { by: 'model', lines: drafted, note: null };
      } catch (error) {
        const late = error instanceof Error && error.name === 'TimeoutError';
        log.warn({ code: late ? 'assist.draft_late' : codeOf(error) }, 'no drafted summary: the extractive one is shown');
        return { by: 'extract', lines: extract.map(({ label, text }) => ({ label, text })), note: late ? '模型没有及时答复，以下是从原话摘取的摘要' : '模型没有给出可用的草稿，以下是从原话摘取的摘要' };
      }
    },
  };
}

/** At most so many bytes: a broken endpoint must not fill the memory. */
async function textOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > ANSWER_BYTES) {
      await reader.cancel();
      throw new AppError('assist.draft_long', 'the endpoint answered too much', { status: 502, retry: 'never' });
    }
    parts.push(value);
  }
  return Buffer.concat(parts).toString('utf8');
}

const LABELS = ['诉求', '要素', '已做', '未了', '情绪'];

function readDraft(body: string): readonly { readonly label: string; readonly text: string }[] {
  const value: unknown = JSON.parse(body);
  if (!Answer.Check(value)) throw new AppError('assist.draft_shape', 'the endpoint answered another shape', { status: 502, retry: 'never' });
  const content = value.choices[0]?.message.content ?? '';
  // A model may make numbers up: what looks like one is masked on the way in, too.
  const lines = redactText(content.replace(/<think>[\s\S]*?<\/think>/g, '')).split('\n').map((line) => line.replace(/^[\s\-*#•\d.、]+/, '').trim()).filter((line) => line !== '');
  return lines.slice(0, MOST_LINES).map((line) => {
    const label = LABELS.find((each) => line.startsWith(each) && /^[:：]/.test(line.slice(each.length)));
    const text = label === undefined ? line : line.slice(label.length + 1).trim();
    return { label: label ?? '草稿', text: [...text].slice(0, LINE_CHARS).join('') };
  });
}
