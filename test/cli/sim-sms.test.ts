import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { channel as aliyun } from '../../channels/sms-aliyun/index.ts';
import { channel as tencent } from '../../channels/sms-tencent/index.ts';
import { runSms } from '../../src/cli/sim/sms.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { createFakePorts } from '../fakes/ports.ts';
import { until } from '../support/until.ts';

const NOW = Date.UTC(2026, 10, 23, 2);
const notification = { key: 'k1', template: 'progress', text: '', facts: { number: '202611230000018', title: '路灯不亮', state: '已派单', department: '市城管局', time: '11月23日 10:00' } } as const;

/** The simulator's own words, and what it is told. */
function terminal() {
  const input = new PassThrough();
  let [shown, faults] = ['', ''];
  return { io: { input, output: { write: (text: string) => void (shown += text) }, errors: { write: (text: string) => void (faults += text) } }, input, shown: () => shown, faults: () => faults };
}

describe('the simulated text message vendor', () => {
  it('explains itself and refuses what it does not know', async () => {
    const help = terminal();
    expect(await runSms(['--help'], help.io)).toBe(0);
    expect(help.shown()).toContain('用法');
    const wrong = terminal();
    expect([await runSms(['--vendor', 'pigeon'], wrong.io), await runSms(['--nonsense'], wrong.io)]).toEqual([2, 2]);
    expect(wrong.faults()).toContain('aliyun');
  });

  it.each([['aliyun', aliyun], ['tencent', tencent]] as const)('prints settings with which %s is on, takes its messages, and tells what became of them', async (vendor, module) => {
    const pushes: string[] = [];
    const gateway = createServer((request, response) => {
      request.resume().on('end', () => {
        pushes.push(request.url ?? '');
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => void gateway.listen(0, '127.0.0.1', resolve));
    const { port } = gateway.address() as AddressInfo;
    const settings = terminal();
    await runSms(['--vendor', vendor, '--print-env'], settings.io);
    const env = Object.fromEntries([...settings.shown().matchAll(/^(\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]));
    const { io, input, shown } = terminal();
    const ran = runSms(['--vendor', vendor, '--url', `http://127.0.0.1:${port}`, '--api-port', '0'], io);
    await until(async () => shown().includes('短信平台在'), 'a vendor that listens');
    const base = /http:\/\/127\.0\.0\.1:\d+/.exec(shown())?.[0] ?? '';
    const channel = await module.create({ env: { ...env, [`SMS_${vendor.toUpperCase()}_API_BASE`]: base }, publicUrl: 'http://gateway.test', production: false, ports: createFakePorts({ now: () => NOW }) });
    expect(channel.status).toEqual({ state: 'on' });
    expect(await channel.notify?.(notification, { address: asAddress('+8613800138000'), now: NOW })).toEqual({ status: 'delivered', externalId: `${vendor}-1` });
    await until(async () => shown().includes('送达报告：网关已收下'), 'a report');
    input.write('解决了，5分\n');
    await until(async () => shown().includes('市民回复：网关已收下'), 'a reply');
    input.end();
    expect(await ran).toBe(0);
    expect(shown()).toContain('202611230000018，路灯不亮');
    expect(pushes).toEqual([`/hooks/sms/${vendor}/report?key=simulator-sms-hook-key`, `/hooks/sms/${vendor}/reply?key=simulator-sms-hook-key`]);
    await new Promise<void>((resolve) => void gateway.close(() => resolve()));
  });
});
