import { TrainyardClient } from '@trainyard/client';
import { type Config, ConfigError, loadConfig } from '@trainyard/config';
import { findCredentials } from './credentials.js';
import { defined } from './defined.js';
import { exitCodes } from './exitCodes.js';
import type { ChartStyle } from './format/charts.js';
import type { Terminal } from './terminal.js';

/** Options that every command takes. */
export interface GlobalOptions {
  json?: boolean;
  url?: string;
}

const curveColours = ['cyan', 'yellow', 'green', 'red'] as const;

const isProxyUrl = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

/** What every command uses: terminal, configuration, global options. */
export class Context {
  /** Exit code of the process when no error is thrown. */
  exitCode: number = exitCodes.succeeded;
  /** Set before a command's action runs. */
  options: GlobalOptions = {};
  private loaded: Config | null = null;

  private readonly env: NodeJS.ProcessEnv;

  constructor(
    readonly terminal: Terminal,
    env: NodeJS.ProcessEnv,
  ) {
    this.env = { ...env };
  }

  /** Loaded at the first use, because not every command needs it. @throws ConfigError */
  get config(): Config {
    this.loaded ??= loadConfig(this.env);
    return this.loaded;
  }

  /** Sets variables of the environment, as options that win over it do; undefined ones are left alone, '' unsets. */
  override(variables: NodeJS.ProcessEnv): void {
    Object.assign(this.env, defined(variables));
    this.loaded = null;
  }

  get json(): boolean {
    return this.options.json === true;
  }

  /** As the terminal and the locale allow it: ASCII when piped. Colours distinguish curves. */
  get charts(): ChartStyle {
    const { terminal, env } = this;
    const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
    const isUnicode = /utf-?8/i.test(locale) || env.WT_SESSION !== undefined;
    return {
      width: Math.min(terminal.columns, 100),
      unicode: terminal.isTTY && env.TERM !== 'dumb' && isUnicode,
      colour: (text, index) => terminal.paint(curveColours[index % curveColours.length] ?? 'cyan', text),
    };
  }

  async client(): Promise<TrainyardClient> {
    const { url, apiKey } = await findCredentials(this.config, this.options.url ?? null);
    return new TrainyardClient({ baseUrl: url, apiKey, fetch: await this.fetch() });
  }

  /** Through the proxies, where there are some: only they need another fetch than Node's own. */
  async fetch(): Promise<typeof globalThis.fetch> {
    const { proxies } = this.config;
    if (proxies.http === null && proxies.https === null) return globalThis.fetch;
    for (const [name, url] of [
      ['HTTP_PROXY', proxies.http],
      ['HTTPS_PROXY', proxies.https],
    ] as const) {
      if (url !== null && !isProxyUrl(url))
        throw new ConfigError(name, 'must be a URL like http://proxy.example.org:3128');
    }
    const { proxiedFetch } = await import('@trainyard/process');
    return proxiedFetch(proxies);
  }

  /** A result: as JSON, or as lines for people. */
  show(value: unknown, lines: () => string[]): void {
    if (this.json) this.terminal.print(JSON.stringify(value, null, 2));
    else for (const line of lines()) this.terminal.print(line);
  }

  /**
   * Runs work that Ctrl-C aborts through the signal; a second Ctrl-C ends the process at once.
   * @returns null where the work was stopped; the exit code is set then.
   */
  async interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    const controller = new AbortController();
    const interrupt = () => controller.abort();
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      return await work(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      this.exitCode = exitCodes.interrupted;
      return null;
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      this.terminal.status('');
    }
  }
}
