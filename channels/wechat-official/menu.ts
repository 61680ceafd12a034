import Type, { type Static } from 'typebox';
import type { Answer, WechatClient } from '../../src/channel/wechat/client.ts';

/**
 * The menu under an official account's chat, from a file of the operator. Limits are WeChat's: three buttons, five below each, names of 16
 * bytes (60 below), keys of 128, addresses of 1024.
 * Source: developers.weixin.qq.com, official accounts, "creating the custom menu".
 */

const name = Type.String({ minLength: 1 });
const closed = { additionalProperties: false };
const url = Type.String({ pattern: '^https?://' });
const LeafSchema = Type.Union([
  /** Pressing it is saying this. */
  Type.Object({ name, say: Type.String({ minLength: 1 }) }, closed),
  Type.Object({ name, url }, closed),
  /** `url`: for clients too old for mini-programs. */
  Type.Object({ name, miniProgram: Type.Object({ appId: Type.String({ minLength: 1 }), page: Type.String({ minLength: 1 }), url }, closed) }, closed),
]);
export const MenuFileSchema = Type.Array(Type.Union([LeafSchema, Type.Object({ name, buttons: Type.Array(LeafSchema, { minItems: 1, maxItems: 5 }) }, closed)]), { minItems: 1, maxItems: 3 });
export type MenuFile = Static<typeof MenuFileSchema>;
type Leaf = Static<typeof LeafSchema>;

export interface MenuFault {
  /** Where in the file: `/0/buttons/2/name`. */
  readonly pointer: string;
  readonly message: string;
}

/** What WeChat would refuse although the file has the right shape. */
export function checkMenu(file: MenuFile): readonly MenuFault[] {
  return file.flatMap((button, at) => {
    if (!('buttons' in button)) return checkLeaf(button, `/${at}`, 16);
    return [...tooLong(`/${at}/name`, button.name, 16), ...button.buttons.flatMap((leaf, below) => checkLeaf(leaf, `/${at}/buttons/${below}`, 60))];
  });
}

function checkLeaf(leaf: Leaf, pointer: string, nameBytes: number): readonly MenuFault[] {
  const own = 'say' in leaf ? tooLong(`${pointer}/say`, leaf.say, 128) : 'url' in leaf ? tooLong(`${pointer}/url`, leaf.url, 1024) : tooLong(`${pointer}/miniProgram/url`, leaf.miniProgram.url, 1024);
  return [...tooLong(`${pointer}/name`, leaf.name, nameBytes), ...own];
}

function tooLong(pointer: string, text: string, most: number): readonly MenuFault[] {
  const bytes = Buffer.byteLength(text, 'utf8');
  return bytes <= most ? [] : [{ pointer, message: `has ${bytes} bytes, WeChat takes ${most}` }];
}

/** The body of menu/create. */
export function encodeMenu(file: MenuFile): { readonly button: readonly object[] } {
  return { button: file.map((button) => ('buttons' in button ? { name: button.name, sub_button: button.buttons.map(encode) } : encode(button))) };
}

function encode(leaf: Leaf): object {
  if ('say' in leaf) return { type: 'click', name: leaf.name, key: leaf.say };
  if ('url' in leaf) return { type: 'view', name: leaf.name, url: leaf.url };
  return { type: 'miniprogram', name: leaf.name, url: leaf.miniProgram.url, appid: leaf.miniProgram.appId, pagepath: leaf.miniProgram.page };
}

/** Makes the menu; the one that was there is gone. Citizens see it within a day, or when they follow anew. */
export function createMenu(client: Pick<WechatClient, 'call'>, file: MenuFile): Promise<Answer> {
  return client.call('/cgi-bin/menu/create', encodeMenu(file));
}
