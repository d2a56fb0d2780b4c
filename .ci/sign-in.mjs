// Finishes what a release needs for signing in to servers. Script and style of the page people come back to get their
// content's hash into their names and their integrity into their tags; and where it is known which address the release will be served from
// (FANOUT_URL, https), a document describes it to authorisation servers there (a client id metadata document).
// Usage: [FANOUT_URL=https://host/path/] node sign-in.mjs FOLDER
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const file = name => path.join(folder, name);

let page = fs.readFileSync(file('signed-in.html'), 'utf8');
for (const name of ['signed-in.js', 'signed-in.css']) {
  const bytes = fs.readFileSync(file(name));
  const digest = (algorithm, encoding) => createHash(algorithm).update(bytes).digest(encoding);
  const hashed = name.replace('.', `-${digest('sha256', 'hex').slice(0, 16)}.`);
  const parts = page.split(`"${name}"`);
  if (parts.length !== 2) throw new Error(`signed-in.html should refer to ${name} once`);
  page = parts.join(`"${hashed}" integrity="sha384-${digest('sha384', 'base64')}"`);
  fs.renameSync(file(name), file(hashed));
}
fs.writeFileSync(file('signed-in.html'), page);

if (process.env.FANOUT_URL) {
  const home = new URL(process.env.FANOUT_URL);
  if (home.protocol !== 'https:') throw new Error(`FANOUT_URL must be the https address the page will be served from, not ${home}`);
  const beside = name => new URL(name, home).href;
  fs.writeFileSync(file('client-metadata.json'), `${JSON.stringify({
    client_id: beside('client-metadata.json'),
    client_name: 'Fanout',
    client_uri: beside('./'),
    redirect_uris: [beside('signed-in.html')],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'web',
  }, null, 2)}\n`);
}
