"""JSON Schema, as much of it as Scalene's profile schema uses. An unknown keyword is an error, never skipped."""

ANNOTATIONS = {"$schema", "$comment", "$defs", "title", "description", "default", "x-invariants"}
TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
}


class UnknownRule(Exception):
    pass


def is_number(value):
    return TYPES["number"](value)


class Validator:
    def __init__(self, root):
        self.root = root
        self.problems = []

    def say(self, path, text):
        self.problems.append("%s: %s" % (path or "top level", text))

    def resolve(self, reference):
        if not reference.startswith("#/"):
            raise UnknownRule("reference %r" % reference)
        node = self.root
        for part in reference[2:].split("/"):
            node = node[part]
        return node

    def matches(self, schema, value):
        trial = Validator(self.root)
        trial.check(schema, value, "")
        return not trial.problems

    def check(self, schema, value, path):
        for keyword, rule in schema.items():
            if keyword in ANNOTATIONS:
                continue
            method = getattr(self, "on_" + keyword.lstrip("$"), None)
            if method is None:
                raise UnknownRule("schema keyword %r" % keyword)
            method(rule, value, path, schema)

    def on_ref(self, rule, value, path, schema):
        self.check(self.resolve(rule), value, path)

    def on_type(self, rule, value, path, schema):
        if not TYPES[rule](value):
            self.say(path, "%s is not of type %s" % (shorten(value), rule))

    def on_anyOf(self, rule, value, path, schema):
        if not any(self.matches(one, value) for one in rule):
            self.say(path, "%s fits none of the allowed forms" % shorten(value))

    def on_enum(self, rule, value, path, schema):
        if not any(same(value, one) for one in rule):
            self.say(path, "%s is none of %s" % (shorten(value), rule))

    def on_const(self, rule, value, path, schema):
        if not same(value, rule):
            self.say(path, "%s is not %r" % (shorten(value), rule))

    def on_required(self, rule, value, path, schema):
        if isinstance(value, dict):
            for key in rule:
                if key not in value:
                    self.say(path, "%s is missing" % key)

    def on_properties(self, rule, value, path, schema):
        if isinstance(value, dict):
            for key, one in rule.items():
                if key in value:
                    self.check(one, value[key], path + "/" + key)

    def on_additionalProperties(self, rule, value, path, schema):
        if not isinstance(value, dict):
            return
        for key, item in value.items():
            if key in schema.get("properties", {}):
                continue
            if isinstance(rule, bool):
                if not rule:
                    self.say(path, "%s is not allowed" % key)
            else:
                self.check(rule, item, path + "/" + key)

    def on_items(self, rule, value, path, schema):
        if isinstance(value, list):
            for i in range(len(schema.get("prefixItems", [])), len(value)):
                self.check(rule, value[i], "%s/%d" % (path, i))

    def on_prefixItems(self, rule, value, path, schema):
        if isinstance(value, list):
            for i, (one, item) in enumerate(zip(rule, value)):
                self.check(one, item, "%s/%d" % (path, i))

    def compare(self, value, path, good, text):
        if is_number(value) and not good(value):
            self.say(path, "%s is %s" % (shorten(value), text))

    def on_minimum(self, rule, value, path, schema):
        self.compare(value, path, lambda v: v >= rule, "below %s" % rule)

    def on_maximum(self, rule, value, path, schema):
        self.compare(value, path, lambda v: v <= rule, "above %s" % rule)

    def on_exclusiveMinimum(self, rule, value, path, schema):
        self.compare(value, path, lambda v: v > rule, "not above %s" % rule)

    def on_exclusiveMaximum(self, rule, value, path, schema):
        self.compare(value, path, lambda v: v < rule, "not below %s" % rule)

    def on_minItems(self, rule, value, path, schema):
        if isinstance(value, list) and len(value) < rule:
            self.say(path, "has %d items, not %d or more" % (len(value), rule))

    def on_maxItems(self, rule, value, path, schema):
        if isinstance(value, list) and len(value) > rule:
            self.say(path, "has %d items, not %d or fewer" % (len(value), rule))


def same(a, b):
    return type(a) is type(b) and a == b


def shorten(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
