"""Starts a run, waits for it, reads its heads, and writes a table of them: python3 examples/python/recall.py [FOLDER]

Needs nothing but Python 3.9: plain HTTP and JSON. The notebook head_map.ipynb uses the same functions.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

SERVER = os.environ.get("RECALLSCOPE_SERVER", "http://localhost:3000")
TOKEN = os.environ.get("RECALLSCOPE_TOKEN")


def fetch(path, body=None):
    """The bytes that the server sends for a path; a body is sent as JSON."""
    request = urllib.request.Request(SERVER + path, data=None if body is None else json.dumps(body).encode())
    request.add_header("content-type", "application/json")
    if TOKEN:
        request.add_header("authorization", f"Bearer {TOKEN}")
    try:
        with urllib.request.urlopen(request) as response:
            return response.read()
    except urllib.error.HTTPError as error:
        # Errors are JSON, too: {"errors": [{"message", "extensions": {"code"}}]}.
        raise RuntimeError(f"HTTP {error.code}: {error.read().decode()}") from None


def ask(query, **variables):
    """The answer to a GraphQL query."""
    answer = json.loads(fetch("/graphql", {"query": query, "variables": variables}))
    if "errors" in answer:
        first = answer["errors"][0]
        raise RuntimeError(f"{first['extensions']['code']}: {first['message']}")
    return answer["data"]


def start(model, task, **settings):
    """Asks for a run; the id of the new one, or of the one that is there. Settings as in RunSettingsInput."""
    start = "mutation ($input: CreateRunInput!) { createRun(input: $input) { run { id } } }"
    return ask(start, input={"model": model, "task": task, "settings": settings})["createRun"]["run"]["id"]


def wait(run, seconds=0.5):
    """Waits until a run has succeeded."""
    state = "query ($run: ID!) { run(id: $run) { key status error { code message } } }"
    while True:
        now = ask(state, run=run)["run"]
        if now is None:
            raise RuntimeError("the run was deleted")
        if now["status"] == "SUCCEEDED":
            return now["key"]
        if now["status"] not in ("QUEUED", "RUNNING"):
            raise RuntimeError(f"run {now['key']}: {now['status']} {now['error']}")
        time.sleep(seconds)


def main(folder):
    run = start("recall-gpt2-1m", "country-capital", seed=3, leadIns=1, bootstrapSamples=200, analyses=[])
    print("run", wait(run))
    heads = """query ($run: ID!) { run(id: $run) { argumentPassing {
      heads(orderBy: EFFECT, first: 5) { label mover effect { value low high n reason } } } } }"""
    for head in ask(heads, run=run)["run"]["argumentPassing"]["heads"]:
        # What was not observed is None, and `reason` says why.
        print(head["label"], head["effect"]["value"], "mover" if head["mover"] else "")
    file = os.path.join(folder, "heads-python.csv")
    with open(file, "wb") as out:
        out.write(fetch(f"/runs/{run}/tables/heads.csv"))
    print("wrote", file)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".")
