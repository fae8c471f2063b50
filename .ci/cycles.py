"""Fails if resources of template.yaml, as SAM expands it, depend on each other in a circle.

CloudFormation refuses such a template, but only in an account: cfn-lint and `sam validate` do not follow references in
an alias's UpdatePolicy.
"""

import logging
import re
import sys
from unittest.mock import Mock

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


def expand(path):
    """Expands each function and API of the template into its resources."""
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    del template["Globals"]["Function"]["CodeUri"]
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    policies = Mock(load=dict)
    return transform(template, {}, policies)["Resources"]


def references(value):
    """The names that a value refers to."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for key, argument in value.items():
            if key in ("Ref", "DependsOn") and isinstance(argument, str):
                yield argument
            elif key == "DependsOn":
                yield from argument
            elif key == "Fn::GetAtt":
                yield argument[0] if isinstance(argument, list) else argument.split(".")[0]
            elif key == "Fn::Sub":
                yield from re.findall(r"\$\{([^!.}]+)", argument if isinstance(argument, str) else argument[0])
                yield from references(argument)
            else:
                yield from references(argument)


def circles(graph):
    """Each path that comes back to where it began, found depth first."""
    done = set()

    def visit(name, path):
        if name in path:
            yield [*path[path.index(name) :], name]
        elif name not in done:
            for other in sorted(graph[name]):
                yield from visit(other, [*path, name])
            done.add(name)

    for name in sorted(graph):
        yield from visit(name, [])


logging.disable()  # SAM reports features that are off
resources = expand(sys.argv[1])
found = list(circles({name: set(references(body)) & set(resources) for name, body in resources.items()}))
for circle in found:
    print("circular:", " -> ".join(circle), file=sys.stderr)
print(f"{sys.argv[1]}: {len(resources)} resources, {len(found)} circular dependencies")
sys.exit(bool(found))
