import { DEMO_API_PORT } from './demo-settings.ts';
import { ACCOUNTS, type WechatAccount } from './wechat-arguments.ts';

/** What `--help` of the WeChat simulators says. */

const COMMANDS: Readonly<Record<WechatAccount, string>> = {
  'mini-program': `  /image [文件]           发送图片；不写文件则发一张内置的小图
  /card 标题              发送小程序卡片
  /enter [session-from]   进入会话（五秒内应有问候）`,
  official: `  /voice 识别的文字       发送语音，微信识别出这些文字；不写文字则没有识别结果
  /image [文件]           发送图片；不写文件则发一张内置的小图
  /place 地名             发送位置
  /link 标题              发送链接
  /follow [场景]          关注；写场景就是扫了带参数的二维码
  /scan 场景              已关注的人扫二维码
  /click 键值             按菜单里的按钮
  /leave                  取消关注`,
};

export const help = (of: WechatAccount): string => `用法: npm run sim -- ${of === 'official' ? 'wechat-official' : 'wechat'} [选项]

像微信一样与正在运行的网关对话：把您输入的话签名、加密后推送给网关，没有应答就重发，并在本机提供
微信接口（取令牌、发客服消息、正在输入、上传和下载文件），网关的回答显示在这里。${of === 'official' ? '\n公众号的回答有两条路：五秒内直接回在推送的应答里，显示为“一呼（应答）”；其余走客服消息，显示为“一呼”。' : ''}

选项:
  --url URL         网关地址，默认 http://127.0.0.1:3000
  --api-port PORT   本机微信接口的端口，默认 ${DEMO_API_PORT}；网关的 WECHAT_API_BASE 要指向它
  --mode MODE       safe 安全模式（默认）、compatible 兼容模式、plain 明文模式
  --format FORMAT   推送格式 xml（默认）或 json
  --openid ID       市民的 openid
  --account ID      ${of === 'official' ? '公众号' : '小程序'}的原始 ID
  --wait SECONDS    从管道读入时，每一句最多等多少秒回答，默认 5
  --print-env       打印网关要用的设置后退出
  --json            每件事打印一行 JSON
  -h, --help        本说明

与网关相同的 ${['APPID', 'SECRET', 'TOKEN', 'AES_KEY'].map((name) => `${ACCOUNTS[of].prefix}${name}`).join('、')} 取自环境变量；没有则用演示值。

对话中输入（也可以从管道读入，每行一次）:
  一句话                  发送文字
${COMMANDS[of]}
  /resend                 把上一条再推送一次，网关不应再回答${of === 'official' ? '别的话' : ''}
  /json                   在 XML 和 JSON 之间切换推送格式
  /quota                  现在还能收到几条客服消息
  /fail 错误码            下一次发消息时微信接口回答这个错误码
  /quit                   结束；输入结束也会结束

退出码: 0 正常；1 网关没有应答或拒绝了推送；2 参数不对。
`;
