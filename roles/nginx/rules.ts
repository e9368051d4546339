import type { Rule } from 'run-playbook';

/** What the nginx role is held to. */
export const rules: readonly Rule[] = [
  {
    code: 'HA161',
    title: "A port of nginx's is taken by another program",
    level: 'refuse',
    why: `
      Somebody else listens where nginx is to. A new nginx does not start then ("bind() to 0.0.0.0:80 failed").
      One that runs accepts the reload, fails to bind, and goes on with the sockets it had, while systemctl
      reports success (nginx 1.22.1).

      It is asked of each host before anything is changed, with ss. nginx and HAProxy are no strangers: a port
      that one of them has now and the other is to have changes hands in the same run.`,
    fix: `
      See whose it is, and stop it for good if it is not wanted. Often it is a web server that a package brought:

        systemctl disable --now apache2

      Or give nginx another port:

        nginx:
          port: 8080`,
  },
];
