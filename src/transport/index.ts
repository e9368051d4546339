export { connect, type ConnectOptions } from './connect.ts';
export { BecomeFailed, CommandAborted, CommandTimeout, ConnectionLost, OutputTooLarge } from './error.ts';
