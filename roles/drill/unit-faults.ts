import { sh, type FaultScripts, type Script } from 'run-playbook';

/** The unit is stopped, and started again. */
export function stopUnit(unit: string): FaultScripts {
  return {
    by: 'script',
    inject: () => sh`systemctl stop ${unit}
! systemctl is-active -q ${unit}`,
    heal: () => revive(unit),
    trace: () => invocation(unit),
  };
}

/** Every process of the unit is killed; systemd is to start it again. */
export function killUnit(unit: string): FaultScripts {
  return {
    by: 'script',
    inject: () => sh`systemctl kill --signal=KILL ${unit}`,
    heal: () => revive(unit),
    healsItself: true,
    trace: () => invocation(unit),
  };
}

/** Every process of the unit stands still where it is, its sockets open. */
export function hangUnit(unit: string): FaultScripts {
  return {
    by: 'script',
    inject: () => sh`pid=$(systemctl show -p MainPID --value ${unit})
systemctl kill --signal=STOP ${unit}
for try in 1 2 3 4 5 6 7 8 9 10; do
  if grep -q '^State:[[:space:]]*T' "/proc/$pid/status"; then exit 0; fi
  sleep 0.05
done
echo "process $pid of "${unit}" does not stand still" >&2
exit 1`,
    heal: () => revive(unit),
  };
}

/** What stands still goes on, and what does not run is started. */
function revive(unit: string): Script {
  return sh`systemctl kill --signal=CONT ${unit} 2>/dev/null || :
systemctl is-active -q ${unit} || { systemctl reset-failed ${unit} 2>/dev/null || :; systemctl start ${unit}; }`;
}

/** Another one each time that the unit is started (systemd.exec(5)). */
function invocation(unit: string): Script {
  return sh`systemctl show -p InvocationID --value ${unit}`;
}
