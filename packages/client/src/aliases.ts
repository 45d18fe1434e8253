import type { Alias, AliasBody, AliasWithHistory, CheckpointFormat, Page } from '@trainyard/contracts';
import { type Download, type DownloadOptions, openDownload } from './download.js';
import { ForeignRunCalls } from './foreignRuns.js';

const aliasPath = (experiment: string, ...rest: string[]): string =>
  ['v1/experiments', encodeURIComponent(experiment), 'aliases', ...rest.map(encodeURIComponent)].join('/');

/** The calls of aliases: names for one checkpoint among those of an experiment, such as `champion`. */
export class AliasCalls extends ForeignRunCalls {
  async aliases(experiment: string): Promise<Alias[]> {
    return (await this.http.json<Page<Alias>>(aliasPath(experiment))).data;
  }

  /** Where the alias points, and its moves, newest first. */
  alias(experiment: string, alias: string): Promise<AliasWithHistory> {
    return this.http.json(aliasPath(experiment, alias));
  }

  /** Points an alias, new or not, to a checkpoint of a job that has ended. */
  setAlias(experiment: string, alias: string, body: AliasBody): Promise<Alias> {
    return this.http.json(aliasPath(experiment, alias), { method: 'PUT', body });
  }

  async deleteAlias(experiment: string, alias: string): Promise<void> {
    await this.http.send(aliasPath(experiment, alias), { method: 'DELETE' });
  }

  /** As `download`, of the checkpoint that the alias points to. */
  downloadAlias(
    experiment: string,
    alias: string,
    format: CheckpointFormat = 'tfjs',
    options: DownloadOptions = {},
  ): Promise<Download> {
    return openDownload(this.http, aliasPath(experiment, alias, 'download'), { format }, options);
  }
}
