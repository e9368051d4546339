/**
 * Whether an IPv4 address is in the network of an interface's address.
 *
 * @param network `172.25.254.131/24`; one without prefix length, or with 32, has no network
 */
export function isInNetwork(address: string, network: string): boolean {
  const [own = '', bits = '32'] = network.split('/');
  const width = Number(bits);
  // A shift by 32 would be one by 0.
  const mask = width === 0 ? 0 : (0xff_ff_ff_ff << (32 - width)) >>> 0;
  return width < 32 && (numberOf(address) & mask) >>> 0 === (numberOf(own) & mask) >>> 0;
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
