"""A service on loopback, and a client that reads its streams, in one event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import ClassVar, NamedTuple, Self, final

import uvicorn
from fastapi import FastAPI


class Event(NamedTuple):
    """A server-sent event."""

    id: str
    data: str


@final
class Exchange:
    """A request, and its response as it comes."""

    _open_ones: ClassVar[list[Self]] = []

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        self._reader, self._writer = reader, writer
        self.status, self.headers = status, headers
        self._open_ones.append(self)

    @classmethod
    async def close_all(cls) -> None:
        """Close the connections that are open."""
        while cls._open_ones:
            await cls._open_ones[-1].close()

    @classmethod
    async def start(
        cls,
        port: int,
        target: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Send a request, and read the head of the response."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [f"{name}: {value}\r\n" for name, value in (headers or {}).items()]
        # A client of HTTP/1.0 gets no chunks.
        host = f"host: 127.0.0.1:{port}\r\n"
        writer.write(f"{method} {target} HTTP/1.0\r\n{host}{''.join(lines)}\r\n".encode())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        except BaseException:
            writer.close()
            raise
        fields = (line.partition(": ") for line in head[1:-2])
        return cls(
            reader,
            writer,
            int(head[0].split()[1]),
            {name.lower(): value for name, _, value in fields},
        )

    async def body(self) -> str:
        """Read the rest, and close the connection."""
        body = await self._reader.read()
        await self.close()
        return body.decode()

    async def blocks(self) -> AsyncIterator[str]:
        """Yield the events and comments of a stream as they are."""
        while line := await self._reader.readline():
            block = line.decode()
            while not block.endswith("\n\n"):
                block += (await self._reader.readline()).decode()
            yield block

    async def events(self) -> AsyncIterator[Event]:
        """Yield the events of a stream."""
        async for block in self.blocks():
            fields = dict(line.split(": ", 1) for line in block.splitlines() if line)
            if "data" in fields:
                yield Event(fields["id"], fields["data"])

    async def close(self) -> None:
        """Close the connection."""
        with suppress(ValueError):  # it is closed
            self._open_ones.remove(self)
        self._writer.close()
        await self._writer.wait_closed()


@asynccontextmanager
async def serving(app: FastAPI, *, port: int = 0) -> AsyncGenerator[int]:
    """Serve an application on loopback, and yield the port."""
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, lifespan="on")
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(2048)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await task
