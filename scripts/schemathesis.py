# Hooks of schemathesis: the formats of the document, how batches are made and judged, and what
# must hold within a message that JSON Schema has no words for.

import datetime
import json
import unicodedata

import jsonschema_rs
import schemathesis
from hypothesis import strategies as st

BATCHES = "/v1/batches"


# Formats: what the document names by `format` and a pattern cannot say.


def account_number(organiser, account):
    """Sixteen digits, the last a check digit."""
    digits = f"01{organiser:04}{account:09}"
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled // 10 + doubled % 10
    return digits + str(-total % 10)


def text(most):
    """Bytes are counted, in the normal form in which the server keeps them."""

    def fits(value):
        kept = unicodedata.normalize("NFC", value.strip()).encode()
        return 0 < len(kept) <= most

    # No control characters, and no digits: twelve of them may read as a person's number.
    any_letters = st.characters(codec="utf-8", exclude_categories=["C", "N"])
    plain = st.characters(min_codepoint=32, max_codepoint=126)
    some = st.text(any_letters, min_size=1, max_size=most // 4)
    return st.one_of(some, st.text(plain, min_size=1, max_size=11)).filter(fits)


def time(value, nanoseconds, offset):
    zone = datetime.timezone(datetime.timedelta(minutes=offset))
    printed = value.replace(microsecond=0, tzinfo=zone).isoformat()
    fraction = f".{nanoseconds:09}" if nanoseconds else ""
    return printed[:19] + fraction + (printed[19:] if offset else "Z")


schemathesis.openapi.format(
    "date-time",
    st.builds(
        time,
        st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2199, 12, 31)),
        st.integers(0, 999_999_999),
        st.integers(-23 * 60, 23 * 60),
    ),
)
# The first few are accounts of the sandbox.
numbers = st.one_of(st.integers(0, 15), st.integers(0, 999_999_999))
schemathesis.openapi.format(
    "account-number", st.builds(account_number, st.integers(0, 2), numbers)
)
for most in (64, 128, 256):
    schemathesis.openapi.format(f"text-{most}", text(most))


# Batches: `itemSchema` says what a line is, and is of OpenAPI 3.2. For the tool, a batch is a list
# of lines, so that it makes right and wrong ones; it is written as lines.

LINES = {}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    content = raw_schema["paths"][BATCHES]["post"]["requestBody"]["content"]
    line = content["application/x-ndjson"].pop("itemSchema")
    lines = {"type": "array", "items": line, "minItems": 1, "maxItems": 5}
    content["application/x-ndjson"]["schema"] = lines
    whole = {"components": raw_schema["components"], **line}
    LINES["validator"] = jsonschema_rs.validator_for(json.loads(json.dumps(whole)))


@schemathesis.serializer("application/x-ndjson")
def ndjson(context, value):
    lines = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(line) for line in lines).encode()


# Where JSON Schema has no words for what the API asks, what is right is made so here: an integer is
# written without a point, which JSON Schema holds for the same, and a result names the outcomes of
# its own market, in order.

OUTCOMES_PER_MARKET = 512


def without_point(value):
    if isinstance(value, dict):
        return {name: without_point(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_point(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def name_outcomes(message):
    market = message.get("market")
    for place, end in enumerate(message.get("outcomes", [])):
        end["outcome"] = str(int(market) * OUTCOMES_PER_MARKET + place)


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    if isinstance(case.body, (dict, list)):
        case.body = without_point(case.body)
    if case.path == "/v1/catalogue/results":
        name_outcomes(case.body)
    lines = {BATCHES: case.body, "/v1/validate": [case.body]}.get(case.path, [])
    for line in lines:
        if line["kind"] == "market_result":
            name_outcomes(line["message"])


@schemathesis.check
class EveryLineHasItsVerdict:
    """A line that is right is judged by what it says; one that is wrong is called malformed."""

    def __init__(self):
        self.seen = set()

    def after_response(self, ctx, response, case):
        if case.path != BATCHES or response.status_code != 200:
            return
        sent = response.request.body.split(b"\n")
        verdicts = [json.loads(line) for line in response.content.splitlines()]
        assert len(verdicts) == len(sent), f"{len(sent)} lines, {len(verdicts)} verdicts"
        positive = case.meta is not None and not case.meta.generation.mode.is_negative
        for line, verdict in zip(sent, verdicts):
            malformed = verdict["code"] == "malformed"
            self.seen.add(malformed)
            if positive:
                assert not malformed, f"a line that fits the schema: {line} {verdict}"
            elif not LINES["validator"].is_valid(json.loads(line)):
                assert malformed, f"a line that does not fit the schema: {line} {verdict}"

    def after_run(self, ctx):
        assert self.seen == {True, False}, f"right and wrong lines were sent: {self.seen}"
