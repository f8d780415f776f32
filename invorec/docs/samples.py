"""An operation of the OpenAPI document as a call that can be pasted: with curl, from Python (httpx) and from Node."""

from __future__ import annotations

import json
import pprint
from dataclasses import dataclass
from typing import Any

from invorec.docs.markup import Code, Sample

FILE = "invoice.pdf"


@dataclass(frozen=True, slots=True)
class Call:
    """A request: `body` is JSON, `sends_file` a form with a file, `gets_file` an answer that is no JSON."""

    method: str
    base: str
    path: str
    body: Any = None
    sends_file: bool = False
    gets_file: bool = False
    is_empty: bool = False  # the answer has no body


def sample(call: Call) -> Sample:
    """The call in every language."""
    return [Code("sh", curl(call)), Code("python", python(call)), Code("js", node(call))]


def curl(call: Call) -> str:
    """For a shell; the key is in $INVOREC_KEY."""
    implied = call.method == "GET" or call.sends_file
    method = "" if implied else f"-X {call.method} "
    lines = [f"curl {method}{call.base}{call.path}", '-H "Authorization: Bearer $INVOREC_KEY"']
    if call.sends_file:
        lines.append(f'-F "file=@{FILE}"')
    if call.body is not None:
        lines += ['-H "Content-Type: application/json"', f"-d '{json.dumps(call.body, indent=2, ensure_ascii=False)}'"]
    if call.gets_file:
        lines.append(f"-o {FILE}")
    return " \\\n  ".join(lines).replace("\n  }'", "\n}'")


def python(call: Call) -> str:
    """A whole program."""
    arguments = [f'"{call.path}"']
    if call.sends_file:
        arguments.append(f'files={{"file": open("{FILE}", "rb")}}')
    if call.body is not None:
        arguments.append(f"json={pprint.pformat(call.body, sort_dicts=False, width=72)}")
    lines = [
        "import os",
        "",
        "import httpx",
        "",
        "key = os.environ['INVOREC_KEY']".replace("'", '"'),
        "api = httpx.Client(",
        f'    base_url="{call.base}",',
        '    headers={"Authorization": f"Bearer {key}"},',
        ")",
        f"answer = api.{call.method.lower()}({', '.join(arguments)})",
        "answer.raise_for_status()",
    ]
    if call.gets_file:
        lines += [f'with open("{FILE}", "wb") as file:', "    file.write(answer.content)"]
    else:
        lines.append("print(answer.status_code)" if call.is_empty else "print(answer.json())")
    return "\n".join(lines)


def node(call: Call) -> str:
    """A module (.mjs) for Node 20."""
    imports, before, options = [], [], []
    if call.method != "GET":
        options.append(f'method: "{call.method}"')
    headers = ["Authorization: `Bearer ${process.env.INVOREC_KEY}`"]
    if call.body is not None:
        headers.append('"Content-Type": "application/json"')
        options.append(f"body: JSON.stringify({json.dumps(call.body, indent=2, ensure_ascii=False)})")
    if call.sends_file:
        imports.append('import { openAsBlob } from "node:fs";')
        before += ["const form = new FormData();", f'form.append("file", await openAsBlob("{FILE}"), "{FILE}");', ""]
        options.append("body: form")
    options.insert(0, f"headers: {{ {', '.join(headers)} }}")
    if call.gets_file:
        imports.append('import { writeFile } from "node:fs/promises";')
    shown = ",\n".join(options).replace("\n", "\n  ")
    return "\n".join(
        [
            *imports,
            *([""] if imports else []),
            *before,
            f'const answer = await fetch("{call.base}{call.path}", {{',
            f"  {shown},",
            "});",
            "if (!answer.ok) throw new Error(await answer.text());",
            _node_end(call),
        ]
    )


def _node_end(call: Call) -> str:
    if call.gets_file:
        return f'await writeFile("{FILE}", Buffer.from(await answer.arrayBuffer()));'
    return "console.log(answer.status);" if call.is_empty else "console.log(await answer.json());"
