//! Just enough of JSON Schema (draft 2020-12) to hold outputs to ours: `type`, `required`, `properties`, `items`,
//! `minItems`, `enum`, `minimum`, `maximum`, `oneOf`. Stricter than the draft in one point: a field that the schema does
//! not know is an error, so that no output grows one in secret.

use serde_json::Value;

/// What in `value` does not fit `schema`. Empty if all does.
pub fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, value, "$", &mut found);
    found
}

fn check(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
        let fitting = branches
            .iter()
            .filter(|branch| problems(branch, value).is_empty())
            .count();
        if fitting != 1 {
            let tag = value.get("record").cloned().unwrap_or_default();
            let of_tag = branches.iter().find(|branch| {
                branch
                    .pointer("/properties/record/enum/0")
                    .is_some_and(|name| *name == tag)
            });
            found.push(format!("{at}: fits {fitting} of the branches"));
            if let Some(branch) = of_tag {
                check(branch, value, at, found);
            }
        }
        return;
    }
    if let Some(expected) = schema.get("type").and_then(Value::as_str)
        && !is_type(value, expected)
    {
        found.push(format!("{at}: not of type {expected}: {value}"));
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        found.push(format!("{at}: not one of {allowed:?}: {value}"));
    }
    let bound = |name| schema.get(name).and_then(Value::as_f64);
    if let Some(number) = value.as_f64()
        && (bound("minimum").is_some_and(|least| number < least) || bound("maximum").is_some_and(|most| number > most))
    {
        found.push(format!("{at}: out of bounds: {value}"));
    }
    if let Some(object) = value.as_object() {
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if !name.as_str().is_some_and(|name| object.contains_key(name)) {
                found.push(format!("{at}: lacks {name}"));
            }
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, inner) in object {
                match properties.get(name) {
                    Some(schema) => check(schema, inner, &format!("{at}.{name}"), found),
                    None => found.push(format!("{at}: unknown field '{name}'")),
                }
            }
        }
    }
    if let Some(items) = value.as_array() {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if (items.len() as u64) < least {
            found.push(format!("{at}: fewer than {least}"));
        }
        if let Some(schema) = schema.get("items") {
            for (number, item) in items.iter().enumerate() {
                check(schema, item, &format!("{at}[{number}]"), found);
            }
        }
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
