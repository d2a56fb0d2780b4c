// Finishes what a release needs for signing in to servers. The script of the page people come back to gets its content's
// hash into its name and its integrity into its tag; and where it is known which address the release will be served from
// (FANOUT_URL, https), a document describes it to authorisation servers there (a client id metadata document).
// Usage: [FANOUT_URL=https://host/path/] node sign-in.mjs FOLDER
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const file = name => path.join(folder, name);

const script = fs.readFileSync(file('signed-in.js'));
const digest = algorithm => createHash(algorithm).update(script);
const named = `signed-in-${digest('sha256').digest('hex').slice(0, 16)}.js`;
const page = fs.readFileSync(file('signed-in.html'), 'utf8');
const tag = '<script type="module" src="signed-in.js">';
if (page.split(tag).length !== 2) throw new Error(`signed-in.html should hold ${tag} once`);
fs.renameSync(file('signed-in.js'), file(named));
fs.writeFileSync(file('signed-in.html'), page.replace(tag, `<script type="module" src="${named}" integrity="sha384-${digest('sha384').digest('base64')}">`));

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
