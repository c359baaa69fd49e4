//! Questions to cvc5 about policy sets.

use std::collections::BTreeSet;
use std::str::FromStr;

use agreement::{Source, Version};
use anyhow::{Context as _, bail};
use cedar_policy::{EntityId, EntityTypeName, EntityUid, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicySet};

/// A solver of its own for each pair of versions: nothing is carried over.
pub struct Solver {
    schema: Schema,
    compiler: CedarSymCompiler<LocalSolver>,
}

impl Solver {
    pub fn start(source: &Source, agreement: &str) -> anyhow::Result<Solver> {
        let bytes = source.bytes(&format!("{agreement}/schema.cedarschema"));
        let text = std::str::from_utf8(bytes.context("no schema")?)?;
        Solver::with_schema(text)
    }

    fn with_schema(text: &str) -> anyhow::Result<Solver> {
        let (schema, _) = Schema::from_cedarschema_str(text)?;
        // 30 seconds for each question: they take some milliseconds.
        let solver = LocalSolver::cvc5_with_args(["--tlimit-per=30000"])
            .context("cannot start `cvc5`; install the package of that name")?;
        let compiler = CedarSymCompiler::new(solver)?;
        Ok(Solver { schema, compiler })
    }

    /// Whether all that `some` allows for a field is allowed by `more`.
    pub async fn implies(
        &mut self,
        some: &PolicySet,
        more: &PolicySet,
        field: &str,
    ) -> anyhow::Result<bool> {
        let (some, more) = (self.compiled(some, field)?, self.compiled(more, field)?);
        Ok(self.compiler.check_implies_opt(&some, &more).await?)
    }

    /// Whether both allow the same for a field.
    pub async fn equivalent(
        &mut self,
        one: &PolicySet,
        other: &PolicySet,
        field: &str,
    ) -> anyhow::Result<bool> {
        let (one, other) = (self.compiled(one, field)?, self.compiled(other, field)?);
        Ok(self.compiler.check_equivalent_opt(&one, &other).await?)
    }

    fn compiled(&self, set: &PolicySet, field: &str) -> anyhow::Result<CompiledPolicySet> {
        let action = EntityTypeName::from_str("Action")?;
        let action = EntityUid::from_type_name_and_id(action, EntityId::new(field));
        let (agency, record) = ("Agency".parse()?, "Record".parse()?);
        let environment = RequestEnv::new(agency, action, record);
        Ok(CompiledPolicySet::compile(set, &environment, &self.schema)?)
    }
}

/// One policy set of a version.
pub fn set(version: &Version, file: &str) -> anyhow::Result<PolicySet> {
    let bytes = version.files.get(file).context("a file is missing")?;
    Ok(PolicySet::from_str(std::str::from_utf8(bytes)?)?)
}

/// Every field that some rule names, and `clinical`, which stands for all that none names.
pub fn fields<'a>(versions: &[&'a Version]) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([agreement::CLINICAL]);
    for version in versions {
        let text = version
            .files
            .get("release.cedar")
            .map_or(&[][..], Vec::as_slice);
        let text = std::str::from_utf8(text).unwrap_or_default();
        let named = text.split("Action::\"").skip(1);
        found.extend(named.filter_map(|rest| rest.split('"').next()));
    }
    found
}

/// A solver that answers everything alike would agree with much: two questions whose answers are
/// known.
pub async fn canaries() -> anyhow::Result<()> {
    let mut solver = Solver::with_schema(&agreement::schema_text())?;
    let set = |condition: &str| {
        PolicySet::from_str(&format!(
            "permit (principal, action, resource) when {{ {condition} }};"
        ))
    };
    let low = set("context has sentence_months && context.sentence_months >= 12")?;
    let high = set("context has sentence_months && context.sentence_months >= 48")?;
    let known = solver.implies(&high, &low, "name").await?;
    let refuted = !solver.implies(&low, &high, "name").await?;
    if known && refuted {
        Ok(())
    } else {
        bail!("cvc5 gets a question wrong whose answer is known; its version does not serve")
    }
}
