//! The published schema of SARIF, as a validator.

use serde_json::Value;

/// The file that `schemas/README.md` names.
pub(crate) const SCHEMA: &[u8] = include_bytes!("../schemas/sarif-schema-2.1.0.json");

/// What the published schema finds wrong, formats of addresses included.
pub(crate) fn problems(validator: &jsonschema::Validator, log: &Value) -> Vec<String> {
    validator.iter_errors(log).take(5).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

pub(crate) fn validator() -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_slice(SCHEMA).unwrap();
    // One pattern of the published schema is no regular expression (it closes a bracket that it never opened), and it
    // is about a property that we do not write.
    for place in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{place}/properties/language")).unwrap();
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}
