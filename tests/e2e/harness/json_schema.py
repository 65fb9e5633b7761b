"""As much of JSON Schema 2020-12 as our OpenAPI document uses. A keyword that is not known here is an error: it would check nothing."""
import re

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
KNOWN = {"$ref", "type", "enum", "anyOf", "properties", "required", "additionalProperties", "items", "format"}


def is_type(value, name):
    if name == "null":
        return value is None
    if name == "boolean":
        return isinstance(value, bool)
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, {"string": str, "array": list, "object": dict}[name])


class Checker:
    def __init__(self, document):
        self.document = document
        self.seen = set()  # names of the document's types of which there was a value

    def faults(self, schema, value, where="$"):
        unknown = set(schema) - KNOWN
        if unknown:
            raise ValueError(f"{where}: schema keywords {unknown} are not checked")
        if "$ref" in schema:
            assert schema["$ref"].startswith("#/"), schema
            target = self.document
            for part in schema["$ref"][2:].split("/"):
                target = target[part]
            if value is not None:
                self.seen.add(part)
            return self.faults(target, value, where)
        if "anyOf" in schema:
            tries = [self.faults(each, value, where) for each in schema["anyOf"]]
            return [] if [] in tries else [f"{where}: {value!r} fits none of {schema['anyOf']}: {tries}"]
        if "enum" in schema:
            return [] if value in schema["enum"] else [f"{where}: {value!r} is none of {schema['enum']}"]
        if "type" in schema and not is_type(value, schema["type"]):
            return [f"{where}: {value!r} is no {schema['type']}"]
        if schema.get("format") == "date-time" and not TIME.match(value):
            return [f"{where}: {value!r} is no time"]
        found = []
        if isinstance(value, list) and "items" in schema:
            for index, element in enumerate(value):
                found += self.faults(schema["items"], element, f"{where}[{index}]")
        if isinstance(value, dict):
            found += self.faults_of_members(schema, value, where)
        return found

    def faults_of_members(self, schema, value, where):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        found = [f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, member in value.items():
            if name in properties:
                found += self.faults(properties[name], member, f"{where}.{name}")
            elif others is False:
                found.append(f"{where}: {name} is not in the schema")
            elif isinstance(others, dict):
                found += self.faults(others, member, f"{where}.{name}")
        return found
