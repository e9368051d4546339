export { connect, type ConnectOptions } from './connect.ts';
export { CommandAborted, CommandTimeout, ConnectionLost, OutputTooLarge } from './error.ts';
export { commandTrouble } from './failed-command.ts';
export { showHostKey, type ShownHostKey } from './show-host-key.ts';
