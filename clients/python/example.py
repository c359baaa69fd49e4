"""Sends a request about one person, asks where it stands, and says what came back: `python example.py AGENCY-FOLDER REQUEST`."""

import json
import sys
import uuid

from gate import Client
from gate.api.agency import status, submit
from gate.models import Problem, Request
from machine import Machine

machine = Machine(sys.argv[1])
request = Request.from_dict(json.load(open(sys.argv[2])))
client = Client(f"{machine.settings['gate']}/api/v1", httpx_args={"auth": machine})
sent = submit.sync(client=client, body=request, x_request_id=str(uuid.uuid4()))
if isinstance(sent, Problem):
    sys.exit(f"{sent.title}: {sent.detail}")
answer = status.sync(sent.case, client=client)
print(answer.case, answer.status, answer.message)
