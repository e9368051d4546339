/** Ansible's connection variables by what this program does with them. */

/** Read; aliases in the order Ansible prefers them. */
export const READ = {
  address: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  privateKeyFile: ['ansible_ssh_private_key_file', 'ansible_private_key_file'],
  password: ['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'],
  become: ['ansible_become'],
  becomeUser: ['ansible_become_user'],
  becomePassword: ['ansible_become_password', 'ansible_become_pass'],
  becomeMethod: ['ansible_become_method'],
  connection: ['ansible_connection'],
  timeout: ['ansible_timeout', 'ansible_ssh_timeout'],
  commonArgs: ['ansible_ssh_common_args'],
  extraArgs: ['ansible_ssh_extra_args'],
  groupPriority: ['ansible_group_priority'],
} as const;

/** Accepted so that an inventory works as it is; they are about Ansible's own way of running things. */
export const MEANINGLESS: readonly string[] = [
  'ansible_async_dir',
  'ansible_control_path',
  'ansible_control_path_dir',
  'ansible_diff_mode',
  'ansible_interpreter_python_fallback',
  'ansible_pipelining',
  'ansible_python_interpreter',
  'ansible_remote_temp',
  'ansible_remote_tmp',
  'ansible_shell_executable',
  'ansible_shell_type',
  'ansible_ssh_control_path',
  'ansible_ssh_control_path_dir',
  'ansible_ssh_executable',
  'ansible_ssh_pipelining',
  'ansible_ssh_retries',
  'ansible_ssh_transfer_method',
  'ansible_ssh_use_tty',
  'ansible_scp_if_ssh',
  'ansible_sftp_batch_mode',
];

/** Would change how a host is reached or root is gained; ignoring them would be wrong. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  ansible_become_exe: 'remove it: sudo is found in PATH',
  ansible_become_flags: 'remove it: sudo is called with flags of its own',
  ansible_host_key_checking: 'remove it: host keys are always checked against known_hosts',
  ansible_ssh_host_key_checking: 'remove it: host keys are always checked against known_hosts',
  ansible_ssh_args: 'use ansible_ssh_common_args',
  ansible_ssh_private_key: 'use ansible_ssh_private_key_file',
  ansible_ssh_private_key_passphrase: 'use a key without passphrase or the SSH agent',
  ansible_sudo_pass: 'use ansible_become_password',
};

export const KNOWN_NAMES: readonly string[] = [...Object.values(READ).flat(), ...MEANINGLESS];

/** Connection variables are Ansible's own: everything else is a role's or this program's. */
export function isConnectionName(name: string): boolean {
  return name.startsWith('ansible_');
}
