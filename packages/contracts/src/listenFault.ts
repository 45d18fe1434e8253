import { SettingError } from './problem.js';

/** An address to listen on, and the settings that name it. */
export interface ListenAddress {
  host: string;
  port: number;
  portSetting?: string;
}

/** What the operator has to change when a process cannot listen; null when the error has another reason. */
export function listenFault(
  error: unknown,
  { host, port, portSetting = 'TRAINYARD_PORT' }: ListenAddress,
): SettingError | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const fault = (setting: string, text: string) => new SettingError(setting, text, { cause: error });
  switch (code) {
    case 'EADDRINUSE':
      return fault(portSetting, `names port ${port}, which is in use by another program; set it to a free one`);
    case 'EACCES':
      return fault(portSetting, `names port ${port}, which this user may not open; set it to one above 1023`);
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return fault('TRAINYARD_HOST', `names ${host}, which is no address of this machine; ${remedy}`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
      return fault('TRAINYARD_HOST', `names ${host}, which no name server knows; ${remedy}`);
    default:
      return null;
  }
}

const remedy = 'set it to 127.0.0.1, to 0.0.0.0 for all addresses, or to one of them';
