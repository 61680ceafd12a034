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

export const DEMO_PHONE = { TWILIO_AUTH_TOKEN: 'simulator-auth-token', JAMBONZ_WEBHOOK_SECRET: 'simulator-webhook-secret', VXML_SECRET: 'simulator-vxml-secret', VXML_SPEECH_GRAMMAR: 'builtin:simulator' } as const;
