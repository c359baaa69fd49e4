//! A release as a sealed package: collected as any other, then proved, signed and sealed.

use disclosure::release::{Line, Release};
use disclosure::{Actor, AgreementRef, Case, EventKind};
use ledger::{Folder, ProveError, TlogProof};
use store::Lease;
use thiserror::Error;

use super::{StepError, load, release};
use crate::fhir::release::{Released, bundle};
use crate::gate::Gate;
use crate::package::{self, Manifest, Recall, Receipt, SealError, digest};

/// How often a head is read again that was replaced while the proof was made.
const TRIES: usize = 3;

/// Why a release that may leave was not made into a package. Asking again with the same key is safe.
#[derive(Debug, Error)]
pub enum PackageError {
    /// There is no way from the entry to the signed root.
    #[error("the public log: {0}")]
    Prove(#[from] ProveError),
    /// It could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// What was collected is not there any more.
    #[error("the release has been recalled or destroyed meanwhile")]
    Gone,
}

/// The agency collects the release, once, sealed to its registered key. The same key of the call
/// repeats it: the same record under the same manifest, sealed anew.
pub async fn collect(
    gate: &Gate,
    by: &Actor,
    id: &str,
    key: &str,
) -> Result<(Vec<u8>, Lease), StepError> {
    if gate.signer.is_none() {
        return Err(StepError::NotAllowed(
            "this gate makes no packages: its settings name no `package_key_file`",
        ));
    }
    let sealed_to = gate.settings.recipient(&by.organization);
    let sealed_to = sealed_to.ok_or(StepError::NotAllowed(
        "no age key is registered for your organization; send the controller the line that \
         `tracegate agency keygen` prints",
    ))?;
    let delivery = release::collect(gate, by, id, key).await?;
    let case = load(gate, id).await?;
    let entry = release::entry(gate, id).await?.ok_or(StepError::NotFound)?;
    let sealed = seal(gate, &case, &delivery.record, sealed_to, entry.index)?;
    Ok((sealed, delivery.lease))
}

fn seal(
    gate: &Gate,
    case: &Case,
    record: &[Line],
    sealed_to: &str,
    index: u64,
) -> Result<Vec<u8>, PackageError> {
    let disclosed = case.state.disclosed().ok_or(PackageError::Gone)?;
    let agreement = case.agreement.as_ref().ok_or(PackageError::Gone)?;
    let signer = gate.signer.as_ref().ok_or(PackageError::Gone)?;
    let (leaf, proof) = prove(gate, index)?;
    let released = Released {
        case: &case.id,
        agreement,
        purpose: &case.request.purpose,
        release: &disclosed.release,
        record,
    };
    let bundle = bundle(&released).to_string();
    let fresh = gate.chance.fresh_seal();
    let manifest = manifest(&released, sealed_to, (index, &leaf), &bundle)?;
    Ok(package::seal(
        &manifest,
        signer,
        bundle,
        (&leaf, &proof),
        &fresh,
    )?)
}

fn prove(gate: &Gate, index: u64) -> Result<(Vec<u8>, TlogProof), ProveError> {
    let files = Folder::new(&gate.settings.log.folder);
    let key = &gate.log.keys()[0];
    let mut proved = ledger::prove(&files, key, index);
    for _ in 1..TRIES {
        if proved.is_ok() {
            break;
        }
        proved = ledger::prove(&files, key, index);
    }
    proved
}

fn manifest(
    released: &Released<'_>,
    sealed_to: &str,
    (entry, leaf): (u64, &[u8]),
    bundle: &str,
) -> Result<Manifest, PackageError> {
    let (release, agreement): (&Release, &AgreementRef) = (released.release, released.agreement);
    let collected = release.collected.as_ref().ok_or(PackageError::Gone)?;
    let fields: Vec<&str> = released
        .record
        .iter()
        .map(|line| line.field.code())
        .collect();
    Ok(Manifest {
        case: released.case.to_owned(),
        recipient: release.recipient.clone(),
        sealed_to: sealed_to.to_owned(),
        agreement: agreement.name.clone(),
        agreement_sha256: agreement.hash.clone(),
        fields: fields.join(" "),
        released_at: release.decided_at,
        collected_at: collected.at,
        data_life_until: release.data_life_until,
        outcome_due_at: release.outcome_due_at,
        onward_rule: release.onward_rule.clone(),
        bundle_sha256: digest(bundle),
        entry,
        entry_sha256: digest(leaf),
    })
}

/// The receipt of the one-time download, once it has happened.
pub fn receipt(case: &Case) -> Option<Receipt> {
    let release = &case.state.disclosed()?.release;
    let collected = release.collected.as_ref()?;
    Some(Receipt {
        case: case.id.clone(),
        recipient: release.recipient.clone(),
        collected_by: collected.by.clone(),
        collected_at: collected.at,
        request_id: collected.key.clone(),
    })
}

/// The notice that a release is recalled, for whoever has been told of the release.
pub fn recall(case: &Case) -> Option<Recall> {
    let step = case
        .history
        .iter()
        .rfind(|step| step.kind == EventKind::Recalled)?;
    // Before the answer time the agency does not know that there is anything to recall.
    let told = case.answer_at.is_none_or(|at| at <= step.at);
    told.then(|| Recall {
        case: case.id.clone(),
        recipient: case.request.requester.organization.clone(),
        recalled_at: step.at,
        reason: step.note.clone(),
    })
}
