use crate::source::Source;

/// Files of a new agreement, made from the shipped `template`: to be filled in, checked, published.
///
/// # Errors
/// When a name is not made of lower-case letters, digits and dashes, or the template is not there.
pub fn new_agreement(library: &Source, agreement: &str, version: &str) -> Result<Source, String> {
    for name in [agreement, version] {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(plain) {
            return Err(format!(
                "name `{name}` is not made of lower-case letters, digits and dashes"
            ));
        }
    }
    let mut made = Source::default();
    for path in library.paths() {
        let Some(inner) = path.strip_prefix("template/") else {
            continue;
        };
        let text = library.text(path).map_err(|fault| fault.to_string())?;
        let inner = match inner.strip_prefix("v1/") {
            Some(file) => format!("{version}/{file}"),
            None => inner.to_owned(),
        };
        let text = text
            .replace(
                "agreement = \"template\"",
                &format!("agreement = \"{agreement}\""),
            )
            .replace("version = \"v1\"", &format!("version = \"{version}\""))
            .replace(
                "pit = \"template-pit\"",
                &format!("pit = \"{agreement}-pit\""),
            );
        made.insert(format!("{agreement}/{inner}"), text);
    }
    if made.paths().next().is_none() {
        return Err("the agreements folder has no `template`".to_owned());
    }
    Ok(made)
}
