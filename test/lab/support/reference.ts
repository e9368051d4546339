import { ADDRESSES, HOSTS, onHost, peerOf, VIP, type HostName } from './pair.ts';

/** Where the reference's check script stands; nothing of ours. */
export const REFERENCE_CHECK = '/etc/keepalived/check_nginx.sh';

const CHECK = `#!/bin/bash
if [ -z "$(pidof nginx)" ]; then
    systemctl stop keepalived
    exit 1
fi
`;

/**
 * Sets both bare hosts up by hand, as the reference says: packages from apt, VRRP version 2 with a password,
 * MASTER and BACKUP, a check that stops keepalived.
 */
export async function setUpReference(name: string, master: HostName): Promise<void> {
  await Promise.all(HOSTS.map((host) => setUp(name, host, master)));
}

async function setUp(name: string, host: HostName, master: HostName): Promise<void> {
  await onHost(
    name,
    host,
    'DEBIAN_FRONTEND=noninteractive apt-get install -y -q nginx keepalived >/dev/null 2>&1',
  );
  await onHost(name, host, `cat >${REFERENCE_CHECK}; chmod 0755 ${REFERENCE_CHECK}`, CHECK);
  await onHost(name, host, 'cat >/etc/keepalived/keepalived.conf', configuration(host, master));
  await onHost(
    name,
    host,
    `echo '<h1>${host}</h1>' >/var/www/html/index.html
     systemctl enable -q nginx keepalived
     # One after the other: its check stops a keepalived that is up before nginx.
     systemctl restart nginx
     systemctl restart keepalived`,
  );
}

function configuration(host: HostName, master: HostName): string {
  return `global_defs {
    router_id nginx
}

vrrp_script check_nginx {
    script "${REFERENCE_CHECK}"
    interval 2
    weight 50
}

vrrp_instance VI_1 {
    state ${host === master ? 'MASTER' : 'BACKUP'}
    interface host0
    virtual_router_id 62
    priority ${host === master ? 151 : 150}
    advert_int 1
    nopreempt
    unicast_src_ip ${ADDRESSES[host]}
    unicast_peer {
        ${ADDRESSES[peerOf(host)]}
    }
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        ${VIP}
    }
    track_script {
        check_nginx
    }
}
`;
}
