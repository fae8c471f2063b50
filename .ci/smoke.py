"""Prints a request for each operation of an OpenAPI document, as `STATUS METHOD PATH`.

STATUS is what a client without a token must get: 401, or 200 where the operation needs no token.
"""

import json
import re
import sys

METHODS = ["get", "head", "put", "post", "patch", "delete"]

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)

for path, item in document["paths"].items():
    for method in METHODS:
        operation = item.get(method)
        if operation is None:
            continue
        parameters = item.get("parameters", []) + operation.get("parameters", [])
        examples = {parameter["name"]: parameter["example"] for parameter in parameters if "example" in parameter}
        # A token is checked before any parameter, so that these need no example.
        path_of_request = re.sub(r"{(\w+)}", lambda variable: examples.get(variable[1], "smoke"), path)
        is_public = operation.get("security", document["security"]) == []
        print(200 if is_public else 401, method.upper(), path_of_request)
