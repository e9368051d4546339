export default {
  name: 'nothing',
  description: 'Declares nothing: reading the hosts is all it does.',
  hosts: 'web',
  roles: [],
  serial: 1,
  maxFail: 0,
};
