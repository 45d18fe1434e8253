import { describe, expect, it } from 'vitest';
import { captureTerminal } from './support/captureTerminal.js';

describe('a terminal', () => {
  it('has colours only where the TTY says so', () => {
    expect(captureTerminal({ isTTY: true, colours: true }).terminal.paint('red', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(captureTerminal({ isTTY: true, colours: false }).terminal.paint('red', 'x')).toBe('x');
    expect(captureTerminal({ isTTY: false, colours: true }).terminal.paint('red', 'x')).toBe('x');
  });

  it('draws no status when piped', () => {
    const { terminal, written } = captureTerminal();
    terminal.status('50 %');
    terminal.print('line');
    expect(written.out).toBe('line\n');
  });

  it('writes lines above the status and draws it again below them', () => {
    const { terminal, written } = captureTerminal({ isTTY: true });
    terminal.status('50 %');
    terminal.print('line');
    expect(written.out).toBe('\r\u001b[2K50 %\r\u001b[2Kline\n50 %');
  });

  it('cuts a status that would wrap', () => {
    const { terminal, written } = captureTerminal({ isTTY: true, columns: 40 });
    terminal.status('x'.repeat(50));
    expect(written.out).toBe(`\r\u001b[2K${'x'.repeat(39)}`);
  });
});
