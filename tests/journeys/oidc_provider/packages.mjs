// The packages are installed in a cache outside of the source tree, where a bare import would not
// find them. Without OIDC_PROVIDER_PACKAGES they are looked for beside this file, as npm does it.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.env.OIDC_PROVIDER_PACKAGES ?? here;
const require = createRequire(join(folder, 'package.json'));

async function load(name) {
  return import(pathToFileURL(require.resolve(name)));
}

export const { Provider, errors, interactionPolicy } = await load('oidc-provider');
export const { SignJWT, decodeJwt } = await load('jose');
