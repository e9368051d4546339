/** What stands at the holder of the virtual IP, and at the other host. */
export type Place = 'holder' | 'standby';

/** One thing that somebody did to a pair by hand, and what a drift check has to say of it. */
export interface Plant {
  readonly about: string;
  readonly on: Place;
  /** A root shell script; `$holder` and `$standby` are the hosts' names, `$vip` the address. */
  readonly plant: string;
  /** Takes it back by hand; what is left to the playbook has none. */
  readonly repair?: string;
  /** `SEVERITY PLACE CLASS ITEM`, a line each. */
  readonly finds: readonly string[];
  /** What cannot but follow from it. */
  readonly follows?: readonly string[];
}

/** What is planted together, because none of it hides another. */
export interface PlantBatch {
  readonly about: string;
  readonly playbook: 'phase1' | 'phase2';
  readonly plants: readonly Plant[];
  /** A host of somebody else’s has the virtual IP while the check looks. */
  readonly meanwhile?: 'stranger';
}

export const CERTIFICATE = '/etc/ssl/site.pem';

/** A certificate with its key in one file, as HAProxy and nginx both take it. */
export const certificateScript = (days: number) => `umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days ${days} \\
  -subj /CN=site.test -keyout /tmp/key -out /tmp/cert 2>/dev/null
cat /tmp/cert /tmp/key >${CERTIFICATE}
rm /tmp/cert /tmp/key`;

const admin = (...commands: readonly string[]) =>
  `perl -MIO::Socket::UNIX -e 'for (@ARGV) { my $s = IO::Socket::UNIX->new("/run/haproxy/admin.sock") or die; print $s "$_\\n"; print <$s> }' -- ${commands
    .map((command) => `"${command}"`)
    .join(' ')} >/dev/null`;

/** A file is changed, loaded, and put back as it was, with its time: only the process knows. */
const loadedBetween = (path: string, edit: string, service: string) => `cp -p ${path} ${path}.kept
sed -i '${edit}' ${path}
! cmp -s ${path} ${path}.kept
systemctl reload ${service}
sleep 0.5
mv ${path}.kept ${path}`;

const PHASE1: PlantBatch = {
  about: 'files, units, packages, and what is loaded',
  playbook: 'phase1',
  plants: [
    {
      about: 'a managed file edited',
      on: 'holder',
      plant: 'echo "# by hand" >>/usr/local/libexec/ha/vrrp_state',
      finds: ['drift holder file /usr/local/libexec/ha/vrrp_state'],
    },
    {
      about: 'a managed file with another mode',
      on: 'holder',
      plant: 'chmod 0666 /etc/nginx/nginx.conf',
      finds: ['drift holder file /etc/nginx/nginx.conf'],
    },
    {
      about: 'a managed file with another owner',
      on: 'holder',
      plant: 'chown deploy /usr/local/libexec/ha/check_nginx',
      finds: ['drift holder file /usr/local/libexec/ha/check_nginx'],
    },
    {
      about: 'a managed file deleted',
      on: 'standby',
      plant: 'rm /etc/tmpfiles.d/run-playbook-ha-track.conf',
      finds: ['drift standby file /etc/tmpfiles.d/run-playbook-ha-track.conf'],
    },
    {
      about: 'a managed file replaced by a link',
      on: 'standby',
      plant: `cp -p /usr/local/libexec/ha/vrrp_state /usr/local/libexec/ha/kept
ln -sf kept /usr/local/libexec/ha/vrrp_state`,
      repair: 'mv -f /usr/local/libexec/ha/kept /usr/local/libexec/ha/vrrp_state',
      finds: ['drift standby file /usr/local/libexec/ha/vrrp_state'],
    },
    {
      about: 'the user of the checks deleted',
      on: 'holder',
      plant: 'userdel -f keepalived_script',
      finds: ['drift holder user keepalived_script'],
    },
    {
      about: 'a kernel setting changed as it runs',
      on: 'holder',
      plant: 'sysctl -qw net.ipv4.ip_nonlocal_bind=0',
      finds: ['drift holder sysctl net.ipv4.ip_nonlocal_bind (running)'],
    },
    {
      about: 'the file of a kernel setting deleted',
      on: 'standby',
      plant: 'rm /etc/sysctl.d/90-run-playbook-net.ipv4.ip_nonlocal_bind.conf',
      finds: ['drift standby sysctl /etc/sysctl.d/90-run-playbook-net.ipv4.ip_nonlocal_bind.conf'],
    },
    {
      about: 'a kernel setting that another file sets after ours',
      on: 'holder',
      plant: 'echo net.ipv4.ip_nonlocal_bind=0 >/etc/sysctl.d/99-hand.conf',
      repair: 'rm /etc/sysctl.d/99-hand.conf',
      finds: ['drift holder sysctl net.ipv4.ip_nonlocal_bind (boot)'],
    },
    {
      about: 'a unit disabled',
      on: 'holder',
      plant: 'systemctl disable -q keepalived 2>/dev/null',
      finds: ['drift holder unit keepalived.service enabled'],
    },
    {
      about: 'a unit masked, though it runs',
      on: 'holder',
      plant: 'systemctl mask -q nginx',
      finds: ['drift holder unit nginx.service mask'],
      follows: ['drift holder unit nginx.service daemon-reload'],
    },
    {
      about: 'a drop-in that nobody declares, in /etc',
      on: 'holder',
      plant: `printf '[Service]\\nNice=5\\n' >/etc/systemd/system/keepalived.service.d/hand.conf`,
      finds: ['drift holder unit /etc/systemd/system/keepalived.service.d/hand.conf'],
    },
    {
      about: 'a drop-in that nobody declares, in /run',
      on: 'standby',
      plant: `mkdir -p /run/systemd/system/nginx.service.d
printf '[Service]\\nNice=5\\n' >/run/systemd/system/nginx.service.d/hand.conf`,
      finds: ['drift standby unit /run/systemd/system/nginx.service.d/hand.conf'],
    },
    {
      about: 'a drop-in for every service',
      on: 'standby',
      plant: `mkdir -p /etc/systemd/system/service.d
printf '[Service]\\nNice=5\\n' >/etc/systemd/system/service.d/hand.conf`,
      repair: 'rm -r /etc/systemd/system/service.d; systemctl daemon-reload',
      finds: ['drift standby unit /etc/systemd/system/service.d/hand.conf'],
    },
    {
      about: 'the unit that the package ships edited',
      on: 'holder',
      plant: `cp -p /lib/systemd/system/keepalived.service /root/keepalived.service
echo '# by hand' >>/lib/systemd/system/keepalived.service
systemctl daemon-reload`,
      repair: 'mv /root/keepalived.service /lib/systemd/system/keepalived.service; systemctl daemon-reload',
      finds: ['drift holder unit /lib/systemd/system/keepalived.service'],
    },
    {
      about: 'an environment file of a unit edited',
      on: 'standby',
      plant: 'cp -p /etc/default/keepalived /root/default; echo "# by hand" >>/etc/default/keepalived',
      repair: 'mv /root/default /etc/default/keepalived',
      finds: ['drift standby unit /etc/default/keepalived'],
    },
    {
      about: 'another configuration loaded, and the file put back',
      on: 'standby',
      plant: loadedBetween(
        '/etc/keepalived/keepalived.conf',
        's/master_refresh 10/master_refresh 11/',
        'keepalived',
      ),
      repair: 'systemctl reload keepalived',
      finds: ['drift standby configuration keepalived.service configuration'],
    },
    {
      about: 'systemd not told of a unit file that was written anew',
      on: 'standby',
      plant: 'systemctl daemon-reload; sleep 0.01; touch /lib/systemd/system/keepalived.service',
      repair: 'systemctl daemon-reload',
      finds: ['drift standby unit keepalived.service daemon-reload'],
    },
    {
      about: 'the program of a running service replaced',
      on: 'holder',
      plant: 'cp -p /usr/sbin/nginx /usr/sbin/nginx.new; mv /usr/sbin/nginx.new /usr/sbin/nginx',
      finds: ['drift holder service nginx.service program'],
    },
    {
      about: 'a package put on hold',
      on: 'standby',
      plant: 'apt-mark hold nginx >/dev/null',
      repair: 'apt-mark unhold nginx >/dev/null',
      finds: ['drift standby package nginx hold'],
    },
    {
      about: 'a package moved to another version',
      on: 'holder',
      plant: `cp -p /var/lib/dpkg/status /var/lib/dpkg/status.kept
sed -i '/^Package: nginx$/,/^$/s/^Version: .*/Version: 99.0-1/' /var/lib/dpkg/status`,
      repair: 'mv /var/lib/dpkg/status.kept /var/lib/dpkg/status',
      finds: ['drift holder package nginx version'],
    },
    {
      about: 'a listener of nginx that is in no declared file',
      on: 'holder',
      plant: `echo 'server { listen 8081; }' >/etc/nginx/conf.d/hand.conf
nginx -s reload
sleep 0.3`,
      repair: 'rm /etc/nginx/conf.d/hand.conf',
      finds: ['drift holder listener 0.0.0.0:8081/tcp', 'notice holder file /etc/nginx/conf.d/hand.conf'],
    },
    {
      about: 'a configuration written anew and not loaded',
      on: 'holder',
      plant: 'touch /etc/nginx/run-playbook-health.conf',
      finds: ['drift holder configuration nginx.service configuration'],
    },
    {
      about: 'a certificate near its end that nginx has not loaded',
      on: 'holder',
      plant: `sleep 1.5
${certificateScript(5)}`,
      repair: `${certificateScript(100)}
systemctl unmask -q nginx
systemctl restart nginx`,
      finds: [
        `drift holder certificate certificate ${CERTIFICATE}`,
        `drift holder certificate certificate ${CERTIFICATE} loaded`,
      ],
    },
    {
      about: 'a run that was never ended, its undo armed',
      on: 'standby',
      plant: `mkdir -p /var/lib/run-playbook/undo/0123456789ab
printf '[Timer]\\nOnActiveSec=3600\\n' >/etc/systemd/system/run-playbook-undo-0123456789ab.timer`,
      finds: ['drift standby run run unfinished'],
    },
    {
      about: 'a wrong entry for the virtual IP in the neighbour table',
      on: 'standby',
      // Any other kind of entry ends with keepalived's next announcement, every ten seconds.
      plant: 'ip neigh replace $vip lladdr 02:00:00:00:00:66 dev host0 nud permanent',
      repair: 'ip neigh del $vip dev host0',
      finds: ['degraded standby network neighbour $vip'],
    },
    {
      about: 'a service that dies as soon as it is started',
      on: 'standby',
      plant: `echo by-hand >/etc/nginx/conf.d/hand.conf
systemctl restart nginx 2>/dev/null || :`,
      repair: 'rm /etc/nginx/conf.d/hand.conf',
      finds: ['degraded standby service nginx.service', 'notice standby file /etc/nginx/conf.d/hand.conf'],
      follows: ['degraded standby redundancy VIP takeover'],
    },
  ],
};

const STRANGER: PlantBatch = {
  about: 'three hosts with one virtual IP',
  playbook: 'phase1',
  meanwhile: 'stranger',
  plants: [
    {
      about: 'keepalived stopped',
      on: 'standby',
      plant: 'systemctl stop keepalived',
      repair: 'ip addr del $vip/32 dev host0; systemctl start keepalived',
      finds: ['drift standby service keepalived.service'],
      follows: ['degraded standby redundancy VIP takeover'],
    },
    {
      about: 'the virtual IP added by hand',
      on: 'standby',
      plant: 'ip addr add $vip/32 dev host0',
      finds: ['degraded cluster vip VIP $vip'],
    },
    {
      about: 'a host of somebody else’s that has the address',
      on: 'holder',
      plant: ':',
      finds: ['degraded cluster network ARP $vip'],
      // The controller is this host here: what it asks of the virtual IP it asks of itself.
      follows: ['degraded cluster service HTTP through the VIP'],
    },
  ],
};

function takenBackByReload(plants: readonly Plant[]): readonly Plant[] {
  return plants.map((plant) => ({ repair: 'systemctl reload haproxy', ...plant }));
}

const ADMIN_SOCKET: PlantBatch = {
  about: 'what was done to HAProxy while it runs',
  playbook: 'phase2',
  plants: takenBackByReload([
    // Reloads first: they take back what was done on the socket.
    {
      about: 'another configuration loaded, and the file put back',
      on: 'standby',
      plant: loadedBetween('/etc/haproxy/haproxy.cfg', 's/"[0-9a-f]* %pid/"ffffffff %pid/', 'haproxy'),
      finds: ['drift standby configuration haproxy.service configuration'],
    },
    {
      about: 'a certificate near its end',
      on: 'holder',
      plant: `${certificateScript(10)}
systemctl reload haproxy nginx
sleep 0.5`,
      repair: `${certificateScript(100)}
systemctl reload nginx`,
      finds: [`drift holder certificate certificate ${CERTIFICATE}`],
    },
    {
      about: 'a certificate renewed that HAProxy has not loaded',
      on: 'standby',
      plant: `${certificateScript(90)}
systemctl reload nginx`,
      finds: [`drift standby certificate certificate ${CERTIFICATE} loaded`],
    },
    {
      about: 'a server drained',
      on: 'holder',
      plant: admin('set server servers/$standby state drain'),
      finds: ['degraded holder backend server servers/$standby'],
    },
    {
      about: 'a server in maintenance',
      on: 'standby',
      plant: admin('set server servers/$standby state maint'),
      finds: ['degraded standby backend server servers/$standby'],
    },
    {
      about: 'another weight of a server',
      on: 'holder',
      plant: admin('set server servers/$holder weight 5'),
      finds: ['drift holder backend server servers/$holder weight'],
    },
    {
      about: 'the checks of a server off',
      on: 'standby',
      plant: admin('disable health servers/$holder'),
      finds: ['drift standby backend server servers/$holder checks'],
    },
    {
      about: 'another address of a server',
      on: 'standby',
      plant: admin('set server servers/$standby addr 127.0.0.1'),
      finds: ['drift standby backend server servers/$standby address'],
    },
    {
      about: 'a frontend disabled',
      on: 'standby',
      plant: admin('disable frontend http-in'),
      finds: ['degraded standby backend frontend http-in'],
      follows: ['drift standby listener 0.0.0.0:8000/tcp'],
    },
    {
      about: 'another limit of a frontend',
      on: 'holder',
      plant: admin('set maxconn frontend http-in 100'),
      finds: ['drift holder backend frontend http-in maxconn'],
    },
    {
      about: 'another limit of the process',
      on: 'holder',
      plant: admin('set maxconn global 5000'),
      finds: ['drift holder backend global maxconn'],
    },
  ]),
};

const OUTAGE: PlantBatch = {
  about: 'what is down',
  playbook: 'phase2',
  plants: [
    {
      about: 'HAProxy stopped, and somebody else on its port',
      on: 'standby',
      plant: `systemctl stop haproxy
systemd-run -q --unit=hand perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:8404", Listen => 1, ReuseAddr => 1) or die; sleep 600'`,
      repair: 'systemctl stop hand',
      finds: ['drift standby service haproxy.service', 'drift standby listener 127.0.0.1:8404/tcp'],
      follows: [
        'degraded standby backend haproxy admin socket',
        'drift standby certificate loaded certificates',
        'degraded standby redundancy VIP takeover',
      ],
    },
    {
      about: 'nginx stopped',
      on: 'standby',
      plant: 'systemctl stop nginx',
      finds: ['drift standby service nginx.service'],
      follows: ['degraded holder backend server servers/$standby'],
    },
    ...(['holder', 'standby'] as const).map((on): Plant => ({
      about: 'keepalived stopped, as on the other host',
      on,
      plant: 'systemctl stop keepalived',
      finds: [`drift ${on} service keepalived.service`, 'degraded cluster vip VIP $vip'],
      follows: [
        `degraded ${on} redundancy VIP takeover`,
        'degraded cluster service HTTP through the VIP',
        'degraded cluster service every frontend answers on the VIP',
        'degraded cluster backend answers of $vip:8000 come from every server',
      ],
    })),
  ],
};

/** In the order in which a pair goes through its life. */
export const PLANTS: readonly PlantBatch[] = [PHASE1, STRANGER, ADMIN_SOCKET, OUTAGE];
