import { describe, expect, it } from 'vitest';
import { AppError, codeOf } from '../../src/domain/errors.ts';

describe('codeOf', () => {
  it('names an error by the house’s code, the system’s, or its class, and never quotes it', () => {
    expect(codeOf(new AppError('ticket.not_found', 'no ticket of 13800138000'))).toBe('ticket.not_found');
    expect(codeOf(Object.assign(new Error('connect to db.internal'), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
    expect(codeOf(Object.assign(new Error('x'), { code: 7 }))).toBe('Error');
    expect(codeOf(new TypeError('of 13800138000'))).toBe('TypeError');
    expect(codeOf('13800138000')).toBe('unknown');
    expect(codeOf(null)).toBe('unknown');
  });
});
