/**
 * Settings of the simulated peers, for trying things out on one machine: the simulators and `npm run dev` both use them,
 * so that the two fit without any setting. They are public. The gateway itself has no defaults for them, so nobody runs
 * on these by mistake.
 */

/** Port of the simulated WeChat API; `--api-port` of the simulator changes it. */
export const DEMO_API_PORT = 9191;

export const DEMO_WECHAT = {
  WECHAT_APPID: 'wx0000000000000000',
  WECHAT_SECRET: 'simulator-secret',
  WECHAT_TOKEN: 'simulator-token',
  WECHAT_AES_KEY: 'SimulatorSimulatorSimulatorSimulatorSimulat',
} as const;

export const DEMO_WECHAT_OFFICIAL = {
  WECHAT_MP_APPID: 'wx0000000000000001',
  WECHAT_MP_SECRET: 'simulator-mp-secret',
  WECHAT_MP_TOKEN: 'simulator-mp-token',
  WECHAT_MP_AES_KEY: 'SimulatorOfficialSimulatorOfficialSimulator',
} as const;

export const DEMO_PHONE = { TWILIO_AUTH_TOKEN: 'simulator-auth-token', JAMBONZ_WEBHOOK_SECRET: 'simulator-webhook-secret', VXML_SECRET: 'simulator-vxml-secret', ALIYUN_IVR_SECRET: 'simulator-aliyun-secret', VXML_SPEECH_GRAMMAR: 'builtin:simulator' } as const;

/** Port of the simulated text message vendor. */
export const DEMO_SMS_PORT = 9192;

const SMS_HOOK_KEY = 'simulator-sms-hook-key';

export const DEMO_SMS = {
  hookKey: SMS_HOOK_KEY,
  aliyun: {
    SMS_ALIYUN_ACCESS_KEY_ID: 'simulatorKeyId', SMS_ALIYUN_ACCESS_KEY_SECRET: 'simulatorKeySecret', SMS_ALIYUN_SIGN_NAME: '12345热线', SMS_ALIYUN_HOOK_KEY: SMS_HOOK_KEY,
    SMS_ALIYUN_TEMPLATES: '{"progress":{"code":"SMS_100000001","vars":[{"name":"no","from":"number"},{"name":"title","from":"title"},{"name":"state","from":"state"}]},"visit":{"code":"SMS_100000002","vars":[{"name":"no","from":"number"},{"name":"title","from":"title"}]},"callback":{"code":"SMS_100000003","vars":[{"name":"time","from":"time"}]},"notice":{"code":"SMS_100000004","vars":[{"name":"title","from":"title"}]}}',
  },
  tencent: {
    SMS_TENCENT_SECRET_ID: 'simulatorSecretId', SMS_TENCENT_SECRET_KEY: 'simulatorSecretKey', SMS_TENCENT_SDK_APP_ID: '1400000000', SMS_TENCENT_SIGN_NAME: '12345热线', SMS_TENCENT_HOOK_KEY: SMS_HOOK_KEY,
    SMS_TENCENT_TEMPLATES: '{"progress":{"code":"100001","vars":[{"from":"number","max":20},{"from":"title"}]},"visit":{"code":"100002","vars":[{"from":"number","max":20}]},"callback":{"code":"100003","vars":[{"from":"time","max":20}]},"notice":{"code":"100004","vars":[{"from":"title"}]}}',
  },
} as const;
