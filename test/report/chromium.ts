import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Where Chromium is on this machine; undefined where it is not installed. */
export const CHROMIUM: string | undefined = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((file) => existsSync(file));

type Params = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

/** A headless Chromium that is spoken to over a pipe, by the DevTools protocol. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #events: Message[] = [];
  #last = 0;
  #session = '';

  private constructor(child: ChildProcess, profile: string) {
    this.#process = child;
    this.#profile = profile;
    let rest = '';
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const parts = `${rest}${chunk}`.split('\0');
      rest = parts.pop() ?? '';
      parts.forEach((part) => this.#hear(JSON.parse(part) as Message));
    });
  }

  /** @param file of the program */
  static async open(file: string): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'run-playbook-chromium-'));
    const args = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      'about:blank',
    ];
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    const browser = new Browser(child, profile);
    const { targetInfos } = await browser.send('Target.getTargets');
    const target = (targetInfos as readonly { type: string; targetId: string }[]).find(
      ({ type }) => type === 'page',
    );
    const attached = await browser.send('Target.attachToTarget', {
      targetId: target?.targetId,
      flatten: true,
    });
    browser.#session = String(attached['sessionId']);
    for (const domain of ['Page', 'Network', 'Log', 'Runtime']) {
      await browser.send(`${domain}.enable`);
    }
    return browser;
  }

  /** The answer to one command. @throws Error what the browser says is wrong with it */
  send(method: string, params: Params = {}): Promise<Params> {
    const id = ++this.#last;
    const session = this.#session === '' ? {} : { sessionId: this.#session };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result = {}, error }) =>
        error === undefined ? resolve(result) : reject(new Error(`${method}: ${error.message}`)),
      );
      (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
  }

  /** What happened of these kinds since the page was opened. */
  heard(...methods: readonly string[]): readonly Params[] {
    return this.#events
      .filter(({ method = '' }) => methods.includes(method))
      .map(({ params = {} }) => params);
  }

  /** Shows a page at a width of `width` CSS pixels, and waits until it is drawn. */
  async show(
    url: string,
    { width, dark = false, media = 'screen' }: { width: number; dark?: boolean; media?: 'screen' | 'print' },
  ): Promise<void> {
    const size = { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 };
    await this.send('Emulation.setDeviceMetricsOverride', size);
    const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
    await this.send('Emulation.setEmulatedMedia', { media, features });
    this.#events.length = 0;
    const loaded = this.#once('Page.loadEventFired');
    await this.send('Page.navigate', { url });
    await loaded;
    await this.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  /** The value of a JavaScript expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', options);
    if (exceptionDetails !== undefined) {
      throw new Error(JSON.stringify(exceptionDetails));
    }
    return (result as { readonly value: T }).value;
  }

  /** The whole page as a PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(String(data), 'base64');
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    await this.send('Browser.close').catch(() => this.#process.kill('SIGKILL'));
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #once(method: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () =>
        this.#events.some((event) => event.method === method) ? resolve() : void setTimeout(look, 10);
      look();
    });
  }

  #hear(message: Message): void {
    const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (message.id === undefined || waiting === undefined) {
      this.#events.push(message);
    } else {
      this.#waiting.delete(message.id);
      waiting(message);
    }
  }
}
