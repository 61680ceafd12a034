import { createConnector } from './connector.ts';

/** For the contract suite: where the keys of the fixtures' tokens are found, and where tokens for sending come from. */
export async function openPeer(): Promise<{ readonly env: Readonly<Record<string, string>>; close(): Promise<void> }> {
  const connector = await createConnector();
  const { BOTFRAMEWORK_OPENID_URL = '', BOTFRAMEWORK_LOGIN_URL = '' } = connector.env;
  return { env: { BOTFRAMEWORK_OPENID_URL, BOTFRAMEWORK_LOGIN_URL }, close: () => connector.close() };
}
