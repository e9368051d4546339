import {
  absolutePath,
  cidr,
  ipv4Address,
  packageVersion,
  secret,
  text,
  unitLine,
  v,
  whole,
} from 'run-playbook';
import { areWhole, isInterfaceName } from './words.ts';

const name = text((value) => /^[a-z_][\w.-]*$/i.test(value), 'a name of letters, digits, . _ -');
/** In a block of addresses or routes; it is not between quotes, and a brace would end the block. */
const line = text((value) => /^[^\0\n\r{}"'\\]+$/.test(value), 'one line without quotes and braces');
const rawLines = v.pipe(
  v.array(text((value) => !/[\0\n\r]/.test(value), 'one line of configuration')),
  v.check(
    (value) => areWhole(value),
    'these lines have a quote or a brace that is not closed, or one too many',
  ),
);
const interfaceName = text(isInterfaceName, 'an interface name');
const seconds = (max: number) => whole({ min: 1, max, what: `whole seconds (1-${max})` });
const FIRST_ROUTER_ID = 62;
const command = v.pipe(
  text((value) => /^[^\0\n\r"\\]+$/.test(value), 'a command without double quotes and backslashes'),
  v.description('Command run at this transition; root-owned all the way up.'),
);

const vip = v.strictObject({
  address: v.pipe(
    v.union([ipv4Address(), cidr()], 'should be an IPv4 address, with or without prefix length'),
    v.description('The address clients use; /32 when no prefix length is given.'),
  ),
  interface: v.pipe(
    v.optional(interfaceName, 'auto'),
    v.description('`auto`: the interface that carries the host’s own address.'),
  ),
  virtual_router_id: v.optional(
    v.pipe(
      whole({ min: 1, max: 255, what: 'a virtual router id (1-255)' }),
      v.description(
        'Unique on the network segment; the same on all hosts. Default: 62 for the first virtual IP, one more for each further one.',
      ),
    ),
  ),
  owner: v.optional(
    v.pipe(
      name,
      v.description(
        'Host that holds it while all are well; for `vip_mode: dual`. Default: the n-th host for the n-th virtual IP.',
      ),
    ),
  ),
});

type GivenVip = v.InferOutput<typeof vip>;

/** Router ids where none is given, none of them twice. */
function withRouterIds(vips: readonly GivenVip[]) {
  const taken = new Set(vips.map((given) => given.virtual_router_id));
  return vips.map((given, index) => {
    let id = given.virtual_router_id ?? ((FIRST_ROUTER_ID + index - 1) % 255) + 1;
    while (given.virtual_router_id === undefined && taken.has(id) && taken.size < 255) {
      id = (id % 255) + 1;
    }
    taken.add(id);
    return { ...given, virtual_router_id: id };
  });
}

/** Variables of the keepalived role. */
export const vars = v.strictObject({
  install: v.optional(
    v.strictObject({ version: v.optional(packageVersion()), hold: v.optional(v.boolean()) }),
    {},
  ),
  vips: v.pipe(
    v.array(vip),
    v.minLength(1, 'should name at least one virtual IP'),
    v.description('Virtual IPs, one VRRP instance each.'),
    v.transform((vips) => withRouterIds(vips)),
  ),
  vip_mode: v.pipe(
    v.optional(v.picklist(['single', 'dual'], 'should be single or dual'), 'single'),
    v.description(
      '`single`: one host holds every virtual IP. `dual`: each host holds its own, and takes over those of hosts that fail.',
    ),
  ),
  track: v.pipe(
    v.optional(v.array(v.picklist(['nginx', 'haproxy'], 'should be nginx or haproxy')), []),
    v.description(
      'Services whose stop moves the VIP at once, through /run/ha-track; usually set by the playbook.',
    ),
  ),
  checks: v.pipe(
    v.optional(
      v.record(
        name,
        v.strictObject({
          script: v.optional(
            v.pipe(
              absolutePath(),
              v.description('Default: the check of this name of the check-script role.'),
            ),
          ),
          interval: v.optional(seconds(3600), 1),
          timeout: v.optional(seconds(3600), 1),
          fall: v.optional(whole({ min: 1, max: 255, what: 'a number of failures' }), 2),
          rise: v.optional(whole({ min: 1, max: 255, what: 'a number of successes' }), 2),
          weight: v.optional(whole({ min: -253, max: 253, what: 'a weight (-253 to 253)' }), 0),
        }),
      ),
      {},
    ),
    v.description('Health check scripts by name; weight 0 moves the VIP when they fail.'),
  ),
  priority: v.optional(
    v.pipe(
      whole({ min: 1, max: 254, what: 'a priority (1-254)' }),
      v.description(
        'Default: 254 for the first host of the inventory, one less for each further host; with `vip_mode: dual` always derived, 254 for the owner.',
      ),
    ),
  ),
  state: v.pipe(
    v.optional(v.picklist(['BACKUP', 'MASTER'], 'should be BACKUP or MASTER'), 'BACKUP'),
    v.description('State at start.'),
  ),
  preempt: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        'A host of higher priority takes the VIP back when it returns. Default: only with `vip_mode: dual`.',
      ),
    ),
  ),
  preempt_delay: v.optional(
    v.pipe(
      whole({ min: 0, max: 1000, what: 'seconds (0-1000)' }),
      v.description('Seconds before it does. Default with `vip_mode: dual`: 5; up to 10 a run waits for it.'),
    ),
  ),
  advert_int: v.pipe(
    v.optional(
      v.pipe(
        v.number('should be seconds'),
        v.minValue(0.01, 'should be at least 0.01 s'),
        v.maxValue(40, 'should be at most 40 s'),
      ),
      0.2,
    ),
    v.description('Seconds between adverts; a dead host is noticed after about three.'),
  ),
  version: v.pipe(
    v.optional(v.picklist([2, 3], 'should be 2 or 3'), 3),
    v.description('VRRP version; the same on all hosts.'),
  ),
  auth: v.optional(v.pipe(secret(), v.description('Password of at most 8 characters; VRRP version 2 only.'))),
  unicast: v.pipe(v.optional(v.boolean(), true), v.description('Adverts to each peer; false: multicast.')),
  source_address: v.optional(
    v.pipe(ipv4Address(), v.description('Default: the host’s address in the inventory.')),
  ),
  router_id: v.optional(v.pipe(name, v.description('Default: the host’s name.'))),
  script_user: v.pipe(
    v.optional(name, 'keepalived_script'),
    v.description('User that check scripts run as.'),
  ),
  garp: v.optional(
    v.strictObject({
      master_delay: v.optional(seconds(60), 1),
      master_repeat: v.optional(seconds(60), 3),
      master_refresh: v.optional(seconds(3600), 10),
      lower_prio_delay: v.optional(seconds(60), 1),
      lower_prio_repeat: v.optional(seconds(60), 3),
    }),
    {},
  ),
  notify: v.optional(
    v.strictObject({
      master: v.optional(command),
      backup: v.optional(command),
      fault: v.optional(command),
      stop: v.optional(command),
    }),
    {},
  ),
  virtual_ipaddress_excluded: v.pipe(
    v.optional(v.array(line), []),
    v.description('Further addresses that move along with the first virtual IP, IPv6 for instance.'),
  ),
  virtual_routes: v.pipe(
    v.optional(v.array(line), []),
    v.description('Routes of the host that holds the first virtual IP.'),
  ),
  ip_nonlocal_bind: v.pipe(
    v.optional(v.boolean(), false),
    v.description('Services may bind the VIP on the host that does not hold it.'),
  ),
  raw_global: v.optional(rawLines, []),
  raw_instance: v.optional(rawLines, []),
  systemd: v.pipe(
    v.optional(v.array(unitLine()), []),
    v.description('Further lines of the [Service] drop-in.'),
  ),
});

export type KeepalivedVars = v.InferOutput<typeof vars>;
