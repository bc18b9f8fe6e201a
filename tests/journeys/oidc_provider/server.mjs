// A certified OpenID Provider on a free port of loopback, set up as an Auth0-like tenant.
//
//   OIDC_PROVIDER_READY_FILE      where to write the issuer and the client's credentials, when ready
//   OIDC_PROVIDER_TRAILING_SLASH  1: the issuer ends with a slash, as Auth0's does
//   OIDC_PROVIDER_PACKAGES        the folder whose node_modules hold the packages
//
// It ends on SIGTERM, and when its standard input does: so it never outlives who started it.

import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { World } from './world.mjs';

function announce(world) {
  const ready = { issuer: world.issuer, pid: process.pid, ...world.client };
  const file = process.env.OIDC_PROVIDER_READY_FILE;
  if (!file) {
    console.log(JSON.stringify(ready, undefined, 2));
    return;
  }
  // Renamed into place, so that a reader never sees half of it.
  writeFileSync(`${file}.new`, JSON.stringify(ready), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

let world;
const server = createServer((request, response) => world.handle(request, response));

function stop() {
  server.close(() => process.exit(0));
  // Clients keep connections open for reuse; waiting for them would take minutes.
  server.closeAllConnections();
}

// The issuer has the port in it, so the provider is built when the port is known.
server.listen(0, '127.0.0.1', () => {
  const slash = process.env.OIDC_PROVIDER_TRAILING_SLASH === '1' ? '/' : '';
  world = new World(`http://127.0.0.1:${server.address().port}${slash}`);
  announce(world);
});
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.stdin.on('end', stop).resume();
