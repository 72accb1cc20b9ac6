// Sends a message file with @medplum/hl7 to a port and prints MSA-1 and MSA-2 of the answer.
const fs = require('node:fs');
const { Hl7Client } = require('@medplum/hl7');
const { Hl7Message } = require('@medplum/core');
(async () => {
  const client = new Hl7Client({ host: '127.0.0.1', port: Number(process.argv[2]) });
  const message = Hl7Message.parse(fs.readFileSync(process.argv[3], 'utf8'));
  const answer = await client.sendAndWait(message);
  const msa = answer.getSegment('MSA');
  console.log(msa.getComponent(1, 1), msa.getComponent(2, 1));
  client.close();
  process.exit(0);
})();
