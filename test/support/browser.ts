import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, BrowserContextOptions, Cookie, Locator, Page } from 'playwright-core';
import { findChromium, openProfile } from './chromium.ts';
import { openStory, type Desk, type Story, type StoryOptions } from './story.ts';
import { until } from './until.ts';

/** The whole house and the people who use it: citizens and seats, each in a browser of their own as far as cookies and storage go. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = join(ROOT, 'dist', 'web');

/** Why nothing can be tried in a browser here; null when it can. */
export const whyNoBrowser: string | null =
  findChromium() === null ? 'no Chromium on PATH' : existsSync(join(PAGES, 'index.html')) ? null : 'no dist/web: run `npm run build`';

export interface World {
  readonly story: Story;
  citizen(options?: BrowserContextOptions): Promise<CitizenAtPage>;
  /** A seat who has signed in at the desk. `admin` is there from the start, any other name is created when it first comes. */
  seat(username?: string, options?: BrowserContextOptions): Promise<SeatAtDesk>;
  /** A page that nobody has opened anything in. */
  page(options?: BrowserContextOptions): Promise<Page>;
  /** What the pages complained about: script errors, policy violations. */
  readonly complaints: readonly string[];
  /** The first administrator by REST. */
  admin(): Promise<Desk>;
  /** Every visitor leaves; resolves when the house has noticed. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

export interface CitizenAtPage {
  readonly page: Page;
  readonly box: Locator;
  /** Opens the panel by its button and waits for the greeting. */
  open(): Promise<void>;
  /** Writes and presses Enter. */
  say(text: string): Promise<void>;
  /** What bot, seats and the system said, and the citizen's own lines: bubbles that contain the text. */
  from(who: 'bot' | 'seat' | 'citizen' | 'system', text?: string | RegExp): Locator;
  notice(text: string): Locator;
  /** Every bubble from the first to the last. */
  lines(): Promise<string[]>;
}

export interface SeatAtDesk {
  readonly page: Page;
  readonly name: string;
  readonly box: Locator;
  /** Lines of the queue that is shown. */
  row(text: string | RegExp): Locator;
  tab(name: string): Promise<void>;
  /** Bubbles of the open conversation. */
  line(text: string | RegExp): Locator;
  button(name: string): Locator;
  /** Takes over the one conversation that waits. */
  take(): Promise<void>;
  reply(text: string): Promise<void>;
}

const ADMIN_PASSWORD = 'story-password';
const SEAT_PASSWORD = 'a seat of the story';
const NAMES: Readonly<Record<string, string>> = { admin: '管理员', wang: '王坐席', chen: '陈坐席', zhao: '赵班长', lin: '林编辑' };
/** A seat unless told. */
const ROLES: Readonly<Record<string, 'supervisor' | 'editor'>> = { zhao: 'supervisor', lin: 'editor' };

/** Opens the house and a browser. Throws when `whyNoBrowser` says why. */
export async function openWorld(options: StoryOptions = {}): Promise<World> {
  const executablePath = findChromium();
  if (executablePath === null || whyNoBrowser !== null) throw new Error(whyNoBrowser ?? 'no Chromium');
  if (isOld()) console.warn('dist/web is older than src/web: run `npm run build` to try what is written there now');
  const story = await openStory(options);
  const profiles = new Set<BrowserContext>();
  const complaints: string[] = [];
  // A sign-in may be tried a few times in five minutes only: who was here before comes back with the session.
  const sessions = new Map<string, Cookie[]>();
  let admin: Desk | null = null;

  const page = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await openProfile(executablePath, { timezoneId: 'Asia/Shanghai', viewport: { width: 1366, height: 768 }, ...options });
    profiles.add(context);
    const opened = await context.newPage();
    opened.setDefaultTimeout(15_000);
    opened.on('pageerror', (error) => complaints.push(error.message));
    opened.on('console', (message) => {
      // What the network answered is the test's own doing; everything else is the page's fault.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource') && !message.text().includes('WebSocket connection')) complaints.push(message.text());
    });
    return opened;
  };

  const leave = async (): Promise<void> => {
    await Promise.all([...profiles].map((context) => context.close()));
    profiles.clear();
  };
  const administrator = async (): Promise<Desk> => (admin ??= await story.desk());

  return {
    story,
    page,
    admin: administrator,
    complaints,
    citizen: async (options) => {
      const opened = await page(options);
      await opened.goto(story.url);
      return citizenAt(opened);
    },
    seat: async (username = 'admin', options = {}) => {
      if (username !== 'admin') {
        const desk = await administrator();
        const { seats } = await desk.get<{ seats: { username: string }[] }>('/api/seats');
        if (!seats.some((seat) => seat.username === username)) await desk.send('POST', '/api/seats', { username, displayName: NAMES[username] ?? username, role: ROLES[username] ?? 'seat', password: SEAT_PASSWORD });
      }
      const session = sessions.get(username);
      const opened = await page({ ...options, ...(session === undefined ? {} : { storageState: { cookies: session, origins: [] } }) });
      if (session === undefined) await signIn(opened, story.url, username, username === 'admin' ? ADMIN_PASSWORD : SEAT_PASSWORD);
      else await opened.goto(`${story.url}/desk`);
      await opened.getByText('实时连接').waitFor();
      sessions.set(username, await opened.context().cookies());
      return seatAt(opened, NAMES[username] ?? username);
    },
    leave: async () => {
      await leave();
      await until(async () => (await story.house.store.read((repos) => repos.seats.online(Date.now() - 60_000))).length === 0, 'an empty desk');
    },
    close: async () => {
      await leave();
      await story.close();
    },
  };
}

async function signIn(page: Page, url: string, username: string, password: string): Promise<void> {
  await page.goto(`${url}/desk`);
  await page.getByLabel('用户名').fill(username);
  await page.getByLabel('密码').fill(password);
  await page.getByRole('button', { name: '登录' }).click();
}

/** A citizen at any page with the widget on it. */
export function citizenAt(page: Page): CitizenAtPage {
  const box = page.getByRole('textbox', { name: '输入您的问题' });
  return {
    page, box,
    open: async () => {
      await page.getByRole('button', { name: '12345 智能客服 打开对话窗口' }).click();
      await page.locator('.row.bot .bubble', { hasText: '您好，这里是12345' }).waitFor();
    },
    say: async (text) => {
      await box.fill(text);
      await box.press('Enter');
    },
    from: (who, text) => page.locator(`#yihu-widget .row.${who} .bubble`, text === undefined ? {} : { hasText: text }),
    notice: (text) => page.locator('#yihu-widget .notice', { hasText: text }),
    lines: () => page.locator('#yihu-widget .row .bubble').allTextContents(),
  };
}

function seatAt(page: Page, name: string): SeatAtDesk {
  const box = page.getByRole('textbox', { name: '回复内容' });
  const button = (label: string): Locator => page.getByRole('button', { name: label, exact: true });
  const row = (text: string | RegExp): Locator => page.locator('.queue .row', { hasText: text });
  return {
    page, name, box, button, row,
    tab: (label) => page.getByRole('tab', { name: new RegExp(`^${label}`) }).click(),
    line: (text) => page.locator('.transcript .bubble', { hasText: text }),
    take: async () => {
      await page.locator('.queue .row').click();
      await button('接管').click();
      await box.waitFor();
    },
    reply: async (text) => {
      await box.fill(text);
      await box.press('Enter');
    },
  };
}

/** Width of a picture's own pixels, once it has been loaded and read; rejects when it cannot be. */
export function pictureWidth(picture: Locator): Promise<number> {
  return picture.evaluate(async (element) => {
    const decode: unknown = Reflect.get(element, 'decode');
    if (typeof decode !== 'function') throw new Error('not a picture');
    await Reflect.apply(decode, element, []);
    return Number(Reflect.get(element, 'naturalWidth'));
  });
}

/** True when a page's source was changed after the pages were built. */
function isOld(): boolean {
  const built = statSync(join(PAGES, 'index.html')).mtimeMs;
  return readdirSync(join(ROOT, 'src', 'web'), { recursive: true, withFileTypes: true }).some((entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).mtimeMs > built);
}
