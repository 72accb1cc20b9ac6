// An MLLP server of @medplum/hl7: answers each message, and prints each control id with RXA-20 and RXA-21.
// The first argument says how many messages it answers with AR before it takes one.
const { Hl7Server } = require('@medplum/hl7');
let rejects = Number(process.argv[2] || 0);
const server = new Hl7Server((connection) => {
  connection.addEventListener('message', ({ message }) => {
    const id = message.header.getComponent(10, 1);
    if (rejects > 0) {
      rejects--;
      connection.send(message.buildAck({ ackCode: 'AR' }));
      return;
    }
    const rxa = message.getSegment('RXA');
    console.log(`${id} ${rxa ? `${rxa.getComponent(20, 1)} ${rxa.getComponent(21, 1)}` : ''}`);
    connection.send(message.buildAck({ ackCode: 'AA' }));
  });
});
(async () => {
  await server.start(0);
  console.log(server.server.address().port);
})();
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
