/** Everything a role or playbook may import; roles and playbooks import nothing else of this package. */
export { playbook, role, varsOf } from './core/role.ts';
export type { Cluster, ClusterHost, Inspection, Playbook, Role, RoleContext, Survey } from './core/role.ts';
export { DRIFT_CLASSES } from './core/drift.ts';
export type { DriftClass, IgnoreRule, Observation } from './core/drift.ts';
export type { Fault, FaultLimits, FaultScripts, LabFault } from './core/fault.ts';
export type { Objection, Rule } from './core/lint.ts';
export type { WatchTarget } from './core/watch.ts';
export type { Facts, Interface } from './core/facts.ts';
export { quote, rawScript, sh } from './core/script.ts';
export type { Script, ShellArgument } from './core/script.ts';
export { Secret } from './core/secret.ts';
export type { Shell } from './core/shell.ts';
export type {
  Action,
  Ask,
  Change,
  Check,
  CheckDeviation,
  Deviation,
  FileDiff,
  HttpAnswer,
  Judgement,
  PlanContext,
  Resource,
  Standing,
  Verdict,
} from './core/resource.ts';
export type { Answers, Query, Reads, Seen } from './core/query.ts';
export { answersFor } from './core/query.ts';
export { directory } from './resources/directory.ts';
export {
  fileSet,
  type Absent,
  type FileSet,
  type FileSetOptions,
  type FileSpec,
} from './resources/file-set.ts';
export { aptPackage, type PackageOptions } from './resources/package.ts';
export { digestOf, renderContent, type Content } from './resources/render.ts';
export { service, type Lockstep, type ServiceOptions } from './resources/service.ts';
export { sysctl, type SysctlOptions } from './resources/sysctl.ts';
export { task, type TaskOptions } from './resources/task.ts';
export { template, type Template } from './resources/template.ts';
export { systemUser, type SystemUserOptions } from './resources/user.ts';
export { endingCertificates, readCertificate } from './checks/certificates.ts';
export { httpCheck, type HttpCheckOptions } from './checks/http.ts';
export { listenerObservations } from './checks/listeners.ts';
export { arpAnswers, arpTable, type ArpState } from './queries/arp.ts';
export { certificateAt } from './queries/certificate.ts';
export { entriesOf } from './queries/directory.ts';
export { factsFrom, hostFacts } from './queries/facts.ts';
export { haproxyState, type HaproxyServer, type HaproxyState } from './queries/haproxy.ts';
export { fileAt, type FileState } from './queries/file.ts';
export { excludeEachOther, tcpListeners, type Socket, type TcpListener } from './queries/listener.ts';
export { outputOf, type Output } from './queries/output.ts';
export { packageNamed, type PackageState } from './queries/package.ts';
export { unitNamed, type UnitState } from './queries/unit.ts';
/** The schema library of `vars.ts`, and the schemas that roles share. */
export * as v from 'valibot';
export * from './core/vars.ts';
