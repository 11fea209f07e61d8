"""Runs a Lambda handler in a process of its own: any Python from 3.9 on, without ``secretctl``.

    python child.py FILE HANDLER REQUESTS ANSWERS

Requests come as lines of JSON on the first file descriptor: ``{"event": …, "arn": …, "id": …,
"ends": …}``, the last in seconds since 1970; without an event it is only told whether the handler
is there. Each is answered by a line on the second: ``{"id": …}``, and the class of what was raised
in ``{"error": …}``. What the handler prints goes where it always does.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

Handler = Callable[[Any, Any], Any]
LONGEST_NAME = 256
_CLOSED = (AttributeError, OSError, ValueError)
"""What a stream raises that the handler closed, or put None in the place of."""


class Context:
    """What Lambda gives a handler besides the event.

    See: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_version = "$LATEST"
    memory_limit_in_mb = "128"

    def __init__(self, arn: str, request_id: str, ends: float) -> None:
        """Keep the ARN of the function, the id of the request, and when it has to be over."""
        name = arn.rpartition(":")[2]
        self.function_name = name
        self.invoked_function_arn = arn
        self.aws_request_id = request_id
        self.log_group_name = "/aws/lambda/" + name
        self.log_stream_name = request_id
        self.identity = None
        self.client_context = None
        self._ends = ends

    def get_remaining_time_in_millis(self) -> int:
        """Tell how long the handler may still take."""
        return max(0, int((self._ends - time.time()) * 1000))


def main(path: str, handler: str, requests: str, answers: str) -> None:
    """Answer requests until there are no more.

    The root logger has a handler, as Lambda's has: functions set its level, and no handler.
    """
    logging.getLogger().addHandler(logging.StreamHandler())
    module, _, function = handler.rpartition(".")
    loaded: Handler = nothing
    try:
        run = getattr(load(path, module or "lambda_function"), function)
        if not callable(run):
            raise TypeError("the handler is no function")
    except BaseException as error:  # noqa: BLE001 it is answered, at the first request
        run = loaded = refusing(error)
    with os.fdopen(int(requests)) as asked, os.fdopen(int(answers), "w") as said:
        for line in asked:
            request = json.loads(line)
            context = Context(request["arn"], request["id"], request["ends"])
            does = loaded if request["event"] is None else run
            answer = {"id": request["id"], **answered(does, request["event"], context)}
            said.write(json.dumps(answer) + "\n")
            said.flush()


def load(path: str, name: str) -> Any:
    """Return the module in a file, whose folder is where it imports from, and ours is not."""
    ours = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [each for each in sys.path if os.path.realpath(each) != ours]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("not a file of Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def nothing(_event: Any, _context: Any) -> None:
    """Do nothing: the handler is there."""


def refusing(error: BaseException) -> Handler:
    """Return a handler that raises what loading the function did."""

    def run(_event: Any, _context: Any) -> None:
        raise error

    return run


def answered(run: Handler, event: Any, context: Context) -> dict[str, str]:
    """Return the answer of one request; what was raised is written where logs go.

    As in Lambda, it fails where what the handler returned is no JSON: the coroutine of an ``async
    def``, which has done nothing.
    """
    try:
        json.dumps(run(event, context), default=_of_decimal)
    except BaseException as error:  # noqa: BLE001 it is answered
        import traceback

        with suppress(*_CLOSED):
            traceback.print_exc()
        return {"error": type(error).__name__[:LONGEST_NAME]}
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(*_CLOSED):
                stream.flush()
    return {}


def _of_decimal(value: Any) -> float:
    """Return a decimal number as Lambda writes it; raises TypeError for all else."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


if __name__ == "__main__":
    main(*sys.argv[1:])
