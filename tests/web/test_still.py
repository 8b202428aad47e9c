"""What must not change under a request: many hold it, and who changes it waits for them and is not starved."""

import asyncio

from service.web.still import Still


def test_who_wants_to_be_alone_waits_for_holders_and_lets_no_more_in() -> None:
    """A holder that comes later is let in afterwards; holders do not wait for each other."""
    steps: list[str] = []

    async def hold(still: Still, name: str, done: asyncio.Event) -> None:
        async with still.held():
            steps.append(f"{name} in")
            await done.wait()
            steps.append(f"{name} out")

    async def change(still: Still) -> None:
        async with still.alone():
            steps.append("alone")

    async def scene() -> None:
        still, done = Still(), asyncio.Event()
        tasks = []
        for step in (hold(still, "one", done), hold(still, "two", done), change(still), hold(still, "late", done)):
            tasks.append(asyncio.create_task(step))
            await asyncio.sleep(0)
        assert steps == ["one in", "two in"]
        done.set()
        await asyncio.gather(*tasks)
        assert steps[2:] == ["one out", "two out", "alone", "late in", "late out"]

    asyncio.run(scene())


def test_a_holder_that_fails_and_a_change_that_is_given_up_block_nobody() -> None:
    async def fail(still: Still) -> None:
        async with still.held():
            await asyncio.sleep(0)
            raise ZeroDivisionError

    async def change(still: Still) -> None:
        async with still.alone():
            pass

    async def scene() -> None:
        still, done = Still(), asyncio.Event()
        failing = asyncio.create_task(fail(still))
        await asyncio.sleep(0)
        given_up = asyncio.create_task(change(still))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(failing, given_up, return_exceptions=True)
        async with asyncio.timeout(1):
            await change(still)
            async with still.held():
                done.set()
        assert done.is_set()

    asyncio.run(scene())
