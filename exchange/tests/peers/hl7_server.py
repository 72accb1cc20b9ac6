"""An MLLP server of python-hl7 that acknowledges and keeps nothing: what the bench compares with. Loopback only."""
import asyncio

import hl7.mllp


async def answer(reader, writer):
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            writer.writemessage(message.create_ack())
            await writer.drain()
    except asyncio.IncompleteReadError:
        writer.close()


async def main():
    async with await hl7.mllp.start_hl7_server(answer, host="127.0.0.1", port=0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())
